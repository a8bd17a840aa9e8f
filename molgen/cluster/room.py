"""Whether a cluster has room for what is to run there."""

import logging

import ray

from molgen.cluster.workers import Workers
from molgen.errors import ClusterError

LOG = logging.getLogger(__name__)


def check_room(address: str | None, what: str, **needs: float) -> None:
    """Raise a ClusterError if no node has what `what` needs; on a cluster at `address`, where nodes may come yet, only warn.

    Parameters
    ----------
    needs
        Of each resource of Ray (CPU, GPU, memory in bytes), how much.

    Raises
    ------
    ClusterError
        No node of a cluster that doesn't grow has it.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if any(all(node.get(kind, 0) >= need for kind, need in needs.items()) for node in nodes):
        return
    message = f"no node of the cluster has {described(needs)} for {what}"
    if address in (None, "local"):
        raise ClusterError(message)
    LOG.warning("%s; waiting for one", message)


def described(resources: dict[str, float]) -> str:
    """Resources in words: `4 CPUs, 0 GPUs and 2 GB of memory`."""
    words = [f"{resources.get('CPU', 0):g} CPUs", f"{resources.get('GPU', 0):g} GPUs"]
    words += [f"{resources['memory'] / 1e9:.3g} GB of memory"] if resources.get("memory") else []
    return f"{', '.join(words[:-1])} and {words[-1]}"


def fitting(workers: Workers) -> int:
    """How many workers the cluster has room for, one at least; as many as asked for where they need nothing."""
    needs = {kind: need for kind, need in workers.needs.items() if need}
    if not needs:
        return workers.number or 1
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return max(1, sum(min(int(node.get(kind, 0) / need + 1e-6) for kind, need in needs.items()) for node in nodes))
