"""Turns a results file into what a CI and a person read."""

from authspec_reports.write import FORMATS, write_reports

__all__ = ["FORMATS", "write_reports"]
