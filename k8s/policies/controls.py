"""Every control of our own. Each is a function of the documents of an overlay that answers what is wrong: (where, what).

A bad example of each stands in faults.py under its name. `schema` and `types` (k8s/schemas) and those of monitoring.py are beside them."""
from availability import AVAILABILITY_CONTROLS
from documents import name_of
from network import NETWORK_CONTROLS
from pods import POD_CONTROLS
from references import REFERENCE_CONTROLS

CONTROLS = {control.__name__: control for control in POD_CONTROLS + AVAILABILITY_CONTROLS + NETWORK_CONTROLS + REFERENCE_CONTROLS}

__all__ = ['CONTROLS', 'name_of', 'run']


def run(documents):
    """(control, where, what) of everything that is wrong."""
    for name, control in CONTROLS.items():
        for where, what in control(documents):
            yield name, where, what
