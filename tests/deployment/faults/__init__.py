"""The faulty Djosers: what each gets wrong, and the patch that makes it so.

Read by the tests and, inside the Django process, by `patching`; it imports neither Django nor
anything of the project.
"""

from .registry import FAULTS, Fault, changed_profile, fault_names, find_fault

__all__ = ["FAULTS", "Fault", "changed_profile", "fault_names", "find_fault"]
