"""What compose.yaml asks of the stack: the configuration of each component, and the steps after its start.

In containers an image brings each component's program, compose.yaml its command, and Docker runs it; tests/deploy holds
those to what `stack.components` says. The rest is done here, by the same functions as natively: `meton render` before
anything starts, `meton settle NAME` once a component answers.
"""

from __future__ import annotations

import re

from stack.components import catalog
from stack.components.component import Component, Say
from stack.files import private_folder, write_private
from stack.installation import Installation

# what its `prepare` would download and build is in its image
BUILT_IN_IMAGE = frozenset({"keycloak"})
HANDED_OUT = "handed-out"


def render(installation: Installation, say: Say) -> None:
    """Save the choices; write every component's configuration, first data and secrets. Idempotent; raises Trouble."""
    installation.save()
    for component in catalog.ALL:
        if component.name not in BUILT_IN_IMAGE:
            component.prepare(installation, say)
        write_files(installation, component)
        hand_out(installation, component)


def settle(installation: Installation, name: str, say: Say) -> None:
    """Run the steps after the start of a component, and hand out the secrets it made. Idempotent; raises Trouble."""
    for title, step in catalog.load()[name].after_start:
        say(title)
        step(installation)
    for component in catalog.ALL:
        hand_out(installation, component)


def write_files(installation: Installation, component: Component) -> None:
    """Give a component's folder the configuration of now."""
    folder = installation.folder(component.name)
    for path, text in component.files(installation).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_private(target, text)


def hand_out(installation: Installation, component: Component) -> None:
    """Copy the secrets whose files a component is told of into a folder of its own: a container sees no others.

    One that another component has yet to make (Synapse's admin token) follows when that one is settled.
    """
    folder = private_folder(installation.folder(HANDED_OUT) / component.name)
    told = _secrets_of(installation, component)
    for path in folder.iterdir():
        if path.name not in told:
            path.unlink()
    for name in told:
        if installation.knows(name):
            write_private(folder / name, installation.secret(name))


def _secrets_of(installation: Installation, component: Component) -> set[str]:
    texts = [*component.files(installation).values(), *component.environment(installation).values()]
    file_name = re.compile(rf"{re.escape(str(installation.folder('secrets')))}/(\w+)")
    return {name for text in texts for name in file_name.findall(text)}
