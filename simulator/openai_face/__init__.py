"""OpenAI's face: models, chat completions, responses, images, speech and the video jobs."""
