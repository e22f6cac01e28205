"""The story jobs with the local writer: what they write and which jobs they ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format

from kit.jobs.handler import Done, JobFailed
from services.story.authors import Authors
from services.story.crew import Casting
from services.story.handlers import Stories
from services.story.plan_jobs import Workshop
from services.story.plan_parts import portrait_slot
from services.story.planner import plan_production
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2

PREMISE = "A night ferry pilot finds a child who remembers her death. 2 episodes."


@pytest.fixture
def stories(casting: Casting) -> Stories:
    return Stories(casting, Authors({}), attempts=3)


def draft(done: Done) -> drama_pb2.Drama:
    assert isinstance(done.output, story_pb2.DraftOutput)
    return done.output.drama


def jobs(done: Done) -> dict[str, job_pb2.NewJob]:
    return {job.step: job for job in done.add_jobs}


async def generated(stories: Stories, store: Any, **options: Any) -> Done:
    payload = story_pb2.GenerateInput(
        premise=PREMISE,
        drama_id="drama_x",
        options=story_pb2.Options(seed=7, **options),
        base_etag="was",
        reference_image_url="https://example.com/mina.png",
    )
    return await stories.generate(store.context("story.generate", payload), payload)


async def test_a_drama_is_written_and_its_pictures_are_asked_for(stories: Stories, store: Any) -> None:
    done = await generated(stories, store)
    drama = draft(done)
    assert (drama.id, drama.premise) == ("drama_x", PREMISE)
    assert len(drama.episodes) == 2
    assert all(not episode.scenes for episode in drama.episodes)
    assert done.run_result == {"dramaId": "drama_x"}
    asked = jobs(done)
    assert set(asked) == {f"portrait:{c.id}" for c in drama.characters} | {"cover"}
    mains = [f"portrait:{c.id}" for c in drama.characters if c.main]
    assert list(asked["cover"].soft_parents) == mains
    assert not asked["cover"].hard_parents
    portrait = json_format.Parse(asked[mains[0]].input_json, picture_pb2.PortraitInput())
    assert portrait.reference_url == "https://example.com/mina.png"
    assert len(portrait.cast) == len(drama.characters)
    assert portrait.brush.painter == "local"
    assert len(portrait.brush.fingerprint) == 64
    kept = json.loads(drama.metadata_json)
    assert (kept["style"], kept["language"], kept["seed"]) == ("anime", "en", 7)


async def test_auditions_and_scenes_on_wish(stories: Stories, store: Any) -> None:
    done = await generated(stories, store, auditions=True, scenes=True)
    asked = jobs(done)
    drama = draft(done)
    for character in drama.characters:
        audition = asked[f"audition:{character.id}"]
        assert (audition.kind, audition.queue) == ("video.audition", "video")
        assert list(audition.soft_parents) == [f"portrait:{character.id}"]
    for episode in drama.episodes:
        assert "produce" not in json.loads(asked[f"scenes:{episode.id}"].input_json)
    order = [job.step for job in done.add_jobs]
    assert order.index("cover") > max(order.index(step) for step in asked["cover"].soft_parents)


async def test_a_second_attempt_writes_the_same(stories: Stories, store: Any) -> None:
    assert draft(await generated(stories, store)) == draft(await generated(stories, store))


async def produced(stories: Stories, store: Any, drama: drama_pb2.Drama, produce: bool = True) -> Done:
    payload = story_pb2.ScenesInput(
        drama=drama, episode_id=drama.episodes[0].id, options=story_pb2.Options(seed=7), produce=produce
    )
    return await stories.scenes(store.context("story.scenes", payload), payload)


async def test_written_scenes_ask_for_storyboards_clips_and_the_film(stories: Stories, store: Any) -> None:
    drama = draft(await generated(stories, store))
    done = await produced(stories, store, drama)
    assert isinstance(done.output, story_pb2.ScenesOutput)
    scenes = done.output.scenes
    assert len(scenes) >= 3
    assert all(json.loads(scene.metadata_json)["dialogue"] for scene in scenes)
    asked = jobs(done)
    episode = drama.episodes[0].id
    for scene in scenes:
        assert list(asked[f"clip:{scene.id}"].hard_parents) == [f"storyboard:{scene.id}"]
        faces = [f"portrait:{who}" for who in scene.assets[0].depends_on]
        assert set(faces[:3]) <= set(asked[f"storyboard:{scene.id}"].soft_parents)
    assert list(asked[f"assemble:{episode}"].hard_parents) == [f"clip:{scene.id}" for scene in scenes]
    assert len(asked) == 2 * len(scenes) + 1
    assert not jobs(await produced(stories, store, drama, produce=False))


async def test_a_later_plan_finds_what_the_handler_had_made(stories: Stories, store: Any, casting: Casting) -> None:
    """The kind of a job, not the run it is in, decides its fingerprint."""
    drama = draft(await generated(stories, store))
    crew = casting.hire(story_pb2.Options(seed=7))
    first = plan_production(drama, [], Workshop(drama, crew))
    portraits = [step for step in first.steps if step.job.kind == "imaging.portrait"]
    done = await produced(stories, store, drama)
    assert isinstance(done.output, story_pb2.ScenesOutput)
    drama.episodes[0].scenes.extend(done.output.scenes)
    takes = [drama_pb2.Take(slot=s.slot, fingerprint=s.fingerprint, live=True, output_json="{}") for s in portraits]
    for step, job in jobs(done).items():
        given = json.loads(job.input_json)
        mark = given.get("fingerprint") or (given.get("brush") or given.get("camera"))["fingerprint"]
        kind, _, name = step.partition(":")
        slot = {
            "storyboard": f"scene:{name}:storyboard",
            "clip": f"scene:{name}:clip",
            "assemble": f"episode:{name}:film",
        }
        takes.append(drama_pb2.Take(slot=slot[kind], fingerprint=mark, live=True, output_json="{}"))
    again = plan_production(drama, takes, Workshop(drama, crew), episode_ids=[drama.episodes[0].id])
    assert [step.job.step for step in again.steps if not step.job.reused] == []
    assert len(again.steps) == len(jobs(done))


async def test_live_portraits_are_no_steps_of_the_run(stories: Stories, store: Any) -> None:
    drama = draft(await generated(stories, store))
    for character in drama.characters:
        store.drama_fake.takes.append(
            drama_pb2.Take(slot=portrait_slot(character.id), fingerprint="f", live=True, output_json="{}")
        )
    asked = jobs(await produced(stories, store, drama))
    assert not [job for job in asked.values() if job.soft_parents]


async def test_improving_keeps_portraits_and_draws_a_new_cover(stories: Stories, store: Any) -> None:
    original = draft(await generated(stories, store))
    original.characters[0].url = "https://example.com/p.png"
    payload = story_pb2.ImproveInput(
        feedback="Make it darker.", original=original, drama_id="drama_y", options=story_pb2.Options(seed=7)
    )
    done = await stories.improve(store.context("story.improve", payload), payload)
    drama = draft(done)
    assert (drama.id, drama.premise) == ("drama_y", PREMISE)
    kept = {character.id: character for character in drama.characters}
    if original.characters[0].id in kept:
        assert kept[original.characters[0].id].url == "https://example.com/p.png"
    assert set(jobs(done)) == {f"portrait:{c.id}" for c in drama.characters if not c.url} | {"cover"}
    assert json.loads(drama.metadata_json)["style"] == "anime"


async def test_a_critique_is_the_runs_result(stories: Stories, store: Any) -> None:
    drama = draft(await generated(stories, store))
    payload = story_pb2.CritiqueInput(drama=drama)
    done = await stories.critique(store.context("story.critique", payload), payload)
    assert len(done.run_result["feedback"]) > 100


async def test_a_drama_too_large_for_the_input_is_read_from_storage(stories: Stories, store: Any) -> None:
    drama = draft(await generated(stories, store))
    store.drama_fake.stored["drama_x"] = drama
    payload = story_pb2.CritiqueInput(drama=drama_pb2.Drama(id="drama_x"))
    done = await stories.critique(store.context("story.critique", payload), payload)
    assert done.run_result["feedback"]
    gone = story_pb2.CritiqueInput(drama=drama_pb2.Drama(id="drama_gone"))
    with pytest.raises(JobFailed) as failed:
        await stories.critique(store.context("story.critique", gone), gone)
    assert failed.value.reason == "drama_gone"
