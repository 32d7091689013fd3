"""Evaluate: have a model answer a question set, read in what others answered, and see what each came to."""

from __future__ import annotations

from pages.parts.evaluation_form import draw_new_evaluation
from pages.parts.evaluation_list import draw_evaluations, draw_removed
from pages.parts.evaluation_read_in import draw_read_in
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.store_cache import read_cached
from xlam_backend.activities.evaluate_run import KIND, MODEL_KIND
from xlam_backend.evaluation.overview import list_scored

draw_head(
    "Evaluate",
    "A model answers a question set of the Berkeley Function-Calling Leaderboard's kind; every answer is "
    "scored as the official tool scores it.",
)
is_working = draw_kind_runs(KIND)
is_working = draw_kind_runs(MODEL_KIND) or is_working
listed = read_cached("scored_evaluations", list_scored)
if listed:
    draw_evaluations(listed)
elif is_working:
    draw_empty("A model is at work.", "Its score appears here when every question has been asked.")
else:
    draw_empty(
        "No model was evaluated yet.",
        "Choose below which model answers which questions, or read in result files of the official tool.",
    )
draw_new_evaluation(is_first=not listed and not is_working)
draw_read_in()
draw_removed(read_cached("removed_evaluations", list_scored, removed=True))
