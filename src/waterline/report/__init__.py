"""The report: a study's results as one self-contained HTML page per language. It shows numbers and computes none."""

from __future__ import annotations

from waterline.report.page import render_report, report_languages

__all__ = ["render_report", "report_languages"]
