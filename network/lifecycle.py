"""The chaincode's life on the channel: install, approve by each organisation, commit by a majority.

Every step first asks what is already so; running it again after a crash at any point does what is left.
"""

import functools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from network import protos
from network.calls import Caller, CallError, endorse, order, query
from network.package import Package
from network.signing import assemble, propose

_LIFECYCLE = "_lifecycle"


@dataclass(frozen=True)
class Definition:
    """What the organisations agree on. Endorsement is the channel's own policy: a majority."""

    name: str
    version: str
    sequence: int


@dataclass(frozen=True)
class Installation:
    """An organisation and the package it runs the chaincode by."""

    caller: Caller
    package: Package


def committed(caller: Caller, channel: str, name: str) -> Definition | None:
    """The definition in force, or None. Raises CallError."""
    messages = protos.lifecycle
    arguments = messages.QueryChaincodeDefinitionArgs(name=name)
    try:
        raw = query(caller, channel, _LIFECYCLE, b"QueryChaincodeDefinition", arguments.SerializeToString())
    except CallError as error:
        if "is not defined" in str(error):
            return None
        raise
    found = messages.QueryChaincodeDefinitionResult.FromString(raw)
    return Definition(name, found.version, found.sequence)


def deploy(
    installations: tuple[Installation, ...], channel: str, name: str, version: str, seconds: float
) -> Definition:
    """Brings `version` in force on the channel and waits until every peer says so.

    A version other than the one in force is an upgrade with the next sequence number. Raises CallError
    when a peer refuses, or when it is not so after `seconds`.
    """
    deadline = time.monotonic() + seconds
    first = installations[0].caller
    now = committed(first, channel, name)
    if now is not None and now.version == version:
        definition = now
    else:
        definition = Definition(name, version, 1 if now is None else now.sequence + 1)

    def prepare(one: Installation) -> None:
        _install(one)
        _achieve(
            lambda: _approve(one, channel, definition), lambda: _approved(one, channel, definition), deadline
        )

    def settle(one: Installation) -> None:
        _achieve(lambda: None, lambda: committed(one.caller, channel, name) == definition, deadline)

    with ThreadPoolExecutor(len(installations)) as pool:
        list(pool.map(prepare, installations))
        if definition != now:
            # Approvals reach the peers one block at a time: endorse the commit only where all are known.
            for one in installations:
                _achieve(
                    lambda: None,
                    functools.partial(_all_approve, one.caller, channel, definition, len(installations)),
                    deadline,
                )
            _achieve(
                lambda: _commit(installations, channel, definition),
                lambda: committed(first, channel, name) == definition,
                deadline,
            )
        list(pool.map(settle, installations))
    return definition


def _achieve(step: Callable[[], None], done: Callable[[], bool], deadline: float) -> None:
    """Takes `step` until `done`, anew every few seconds: an orderer without a leader yet refuses, and one
    that answered with an error may have ordered all the same, so only `done` decides. Raises CallError."""
    reason = "no answer"
    while not done():
        if time.monotonic() > deadline:
            raise CallError(f"not done in time; last: {reason}")
        try:
            step()
        except CallError as error:
            reason = str(error)
        again = time.monotonic() + 3
        while time.monotonic() < again and not done():
            time.sleep(0.05)


def _install(one: Installation) -> None:
    messages = protos.lifecycle
    arguments = messages.QueryInstalledChaincodesArgs()
    raw = query(one.caller, "", _LIFECYCLE, b"QueryInstalledChaincodes", arguments.SerializeToString())
    known = messages.QueryInstalledChaincodesResult.FromString(raw).installed_chaincodes
    if any(found.package_id == one.package.identifier for found in known):
        return
    install = messages.InstallChaincodeArgs(chaincode_install_package=one.package.content)
    query(one.caller, "", _LIFECYCLE, b"InstallChaincode", install.SerializeToString(), seconds=60)


def _approve(one: Installation, channel: str, definition: Definition) -> None:
    messages = protos.lifecycle
    source = messages.ChaincodeSource(
        local_package=messages.ChaincodeSource.Local(package_id=one.package.identifier)
    )
    arguments = messages.ApproveChaincodeDefinitionForMyOrgArgs(
        name=definition.name, version=definition.version, sequence=definition.sequence, source=source
    )
    call = (b"ApproveChaincodeDefinitionForMyOrg", arguments.SerializeToString())
    proposal = propose(one.caller.signer, channel, _LIFECYCLE, call)
    order(one.caller, assemble(one.caller.signer, proposal, (endorse(one.caller, proposal),)))


def _approved(one: Installation, channel: str, definition: Definition) -> bool:
    messages = protos.lifecycle
    arguments = messages.QueryApprovedChaincodeDefinitionArgs(
        name=definition.name, sequence=definition.sequence
    )
    call = (b"QueryApprovedChaincodeDefinition", arguments.SerializeToString())
    try:
        raw = query(one.caller, channel, _LIFECYCLE, *call)
    except CallError as error:
        if "could not fetch approved chaincode definition" in str(error):
            return False
        raise
    found = messages.QueryApprovedChaincodeDefinitionResult.FromString(raw)
    package: str = found.source.local_package.package_id
    return bool(found.version == definition.version) and package == one.package.identifier


def _all_approve(caller: Caller, channel: str, definition: Definition, organisations: int) -> bool:
    messages = protos.lifecycle
    arguments = messages.CheckCommitReadinessArgs(
        name=definition.name, version=definition.version, sequence=definition.sequence
    )
    raw = query(caller, channel, _LIFECYCLE, b"CheckCommitReadiness", arguments.SerializeToString())
    approvals = messages.CheckCommitReadinessResult.FromString(raw).approvals
    agreed: int = sum(approvals.values())
    return agreed == organisations


def _commit(installations: tuple[Installation, ...], channel: str, definition: Definition) -> None:
    first = installations[0].caller
    arguments = protos.lifecycle.CommitChaincodeDefinitionArgs(
        name=definition.name, version=definition.version, sequence=definition.sequence
    )
    call = (b"CommitChaincodeDefinition", arguments.SerializeToString())
    proposal = propose(first.signer, channel, _LIFECYCLE, call)
    answers: list[Any] = [endorse(one.caller, proposal) for one in installations]
    order(first, assemble(first.signer, proposal, tuple(answers)))
