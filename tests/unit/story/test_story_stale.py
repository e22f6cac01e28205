"""An edit of one field re-runs what uses that field and what hangs on it, and nothing else: whichever drama and whichever field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from services.story.plan import Plan
from sfd.dramas.v1 import drama_pb2
from tests.unit.story.dramas import IMAGE, VIDEO, made, planned, takes_of

Edit: TypeAlias = tuple[str, Callable[[drama_pb2.Drama], None], Callable[[drama_pb2.Drama], set[str]]]
"""What is edited, how, and which steps use it by themselves."""


@st.composite
def dramas(draw: st.DrawFn) -> drama_pb2.Drama:
    """One to three characters, one or two episodes of one or two scenes, each with up to two further assets."""
    drama = drama_pb2.Drama(id="d", title="T", description="D", premise="P")
    who = [f"c{n}" for n in range(draw(st.integers(1, 3)))]
    for name in who:
        character = drama.characters.add(id=name, name=name.upper(), description=f"About {name}.", main=name == "c0")
        if draw(st.booleans()):
            character.assets.add(id=f"{name}_side", kind=draw(st.sampled_from((IMAGE, VIDEO))), prompt="Side.")
    for e in range(draw(st.integers(1, 2))):
        episode = drama.episodes.add(id=f"ep{e}", title="E", description="x")
        for s in range(draw(st.integers(1, 2))):
            sid = f"ep{e}_s{s}"
            scene = episode.scenes.add(id=sid, description=f"Scene {sid}.")
            scene.assets.add(
                id="board", kind=IMAGE, depends_on=draw(st.lists(st.sampled_from(who), max_size=2)), prompt="B"
            )
            scene.assets.add(id="clip", kind=VIDEO, depends_on=["board"], prompt="C", duration=10)
            before = ["board"]
            for n in range(draw(st.integers(0, 2))):
                names = draw(st.lists(st.sampled_from([*before, *who]), max_size=3, unique=True))
                kind = draw(st.sampled_from((IMAGE, VIDEO)))
                scene.assets.add(id=f"more{n}", kind=kind, depends_on=names, prompt=f"M{n}")
                before.append(f"more{n}")
    return drama


def edits(drama: drama_pb2.Drama) -> list[Edit]:
    """Every edit of one field of one entity of a drama."""
    found: list[Edit] = []
    for e, episode in enumerate(drama.episodes):
        found.append((f"{episode.id}.title", _title(e), lambda d: set()))
        for s, scene in enumerate(episode.scenes):
            found.append((f"{scene.id}.description", _description(e, s), _all_of(scene)))
            found.append((f"{scene.id}.dialogue", _dialogue(e, s), _spoken(scene)))
            for a, asset in enumerate(scene.assets):
                found.append((f"{scene.id}.{asset.id}.prompt", _prompt(e, s, a), _asset(scene, asset)))
                if asset.kind == VIDEO:
                    found.append((f"{scene.id}.{asset.id}.duration", _duration(e, s, a), _asset(scene, asset)))
    for c, character in enumerate(drama.characters):
        # The local makers tell people apart by the whole cast: all that is drawn or filmed uses every description, but portraits serve.
        found.append((f"{character.id}.description", _person(c), lambda d: {"*"}))
        for a, asset in enumerate(character.assets):
            name = f"asset:character:{character.id}:{asset.id}"
            found.append((name, _side(c, a), lambda d, name=name: {name}))
    return found


def _title(e: int) -> Callable[[drama_pb2.Drama], None]:
    return lambda d: setattr(d.episodes[e], "title", "Renamed")


def _description(e: int, s: int) -> Callable[[drama_pb2.Drama], None]:
    return lambda d: setattr(d.episodes[e].scenes[s], "description", "Edited.")


def _dialogue(e: int, s: int) -> Callable[[drama_pb2.Drama], None]:
    line = json.dumps({"dialogue": [{"character_id": "", "text": "A new line."}]})
    return lambda d: setattr(d.episodes[e].scenes[s], "metadata_json", line)


def _prompt(e: int, s: int, a: int) -> Callable[[drama_pb2.Drama], None]:
    return lambda d: setattr(d.episodes[e].scenes[s].assets[a], "prompt", "Edited.")


def _duration(e: int, s: int, a: int) -> Callable[[drama_pb2.Drama], None]:
    return lambda d: setattr(d.episodes[e].scenes[s].assets[a], "duration", 15)


def _person(c: int) -> Callable[[drama_pb2.Drama], None]:
    return lambda d: setattr(d.characters[c], "description", "Edited.")


def _side(c: int, a: int) -> Callable[[drama_pb2.Drama], None]:
    return lambda d: setattr(d.characters[c].assets[a], "prompt", "Edited.")


def step_of(scene: drama_pb2.Scene, asset: drama_pb2.EntityAsset) -> str:
    return {"board": f"storyboard:{scene.id}", "clip": f"clip:{scene.id}"}.get(
        asset.id, f"asset:scene:{scene.id}:{asset.id}"
    )


def _asset(scene: drama_pb2.Scene, asset: drama_pb2.EntityAsset) -> Callable[[drama_pb2.Drama], set[str]]:
    # A film also says what its first picture shows; it hangs on that picture anyway.
    return lambda d: {step_of(scene, asset)}


def _all_of(scene: drama_pb2.Scene) -> Callable[[drama_pb2.Drama], set[str]]:
    return lambda d: {step_of(scene, asset) for asset in scene.assets}


def _spoken(scene: drama_pb2.Scene) -> Callable[[drama_pb2.Drama], set[str]]:
    return lambda d: {step_of(scene, asset) for asset in scene.assets if asset.kind == IMAGE or asset.id == "clip"}


def descendants(plan: Plan, users: set[str]) -> set[str]:
    """Returns `users` and whatever hangs on them, step by step."""
    names = {step.job.step for step in plan.steps if not step.job.step.startswith("portrait:")}
    found = names - {n for n in names if n.startswith("assemble:")} if users == {"*"} else set(users)
    while True:
        more = {step.job.step for step in plan.steps if set(step.parents) & found} - found
        if not more:
            return found
        found |= more


@settings(max_examples=60, deadline=None)
@given(dramas(), st.data())
def test_an_edit_redoes_the_descendants_of_what_uses_it_and_nothing_else(
    drama: drama_pb2.Drama, data: st.DataObject
) -> None:
    first = planned(drama)
    takes = takes_of(first)
    assert made(planned(drama, takes)) == []
    what, edit, users = data.draw(st.sampled_from(edits(drama)))
    edit(drama)
    plan = planned(drama, takes)
    assert set(made(plan)) == descendants(plan, users(drama)), what


@settings(max_examples=40, deadline=None)
@given(dramas(), st.data())
def test_a_take_that_became_live_later_redoes_what_is_made_from_it_and_not_itself(
    drama: drama_pb2.Drama, data: st.DataObject
) -> None:
    takes = takes_of(planned(drama))
    chosen = data.draw(st.sampled_from(takes))
    chosen.live_since.FromSeconds(1_000_000)
    plan = planned(drama, takes)
    users = {step.job.step for step in plan.steps if chosen.slot in step.uses}
    assert set(made(plan)) == descendants(plan, users)
    again = takes_of(plan, start=2_000_000)
    kept = {take.slot: take for take in takes} | {t.slot: t for t in again if t.slot in {s.slot for s in plan.made}}
    assert made(planned(drama, list(kept.values()))) == []
