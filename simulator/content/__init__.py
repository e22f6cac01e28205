"""What the simulated vendors make: schema-true texts, pictures and short films, all driven by the prompt."""
