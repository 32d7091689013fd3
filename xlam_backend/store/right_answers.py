"""Which questions of an evaluation were answered right: what comparing two models needs, and no more."""

from __future__ import annotations

from xlam_backend.store.connection import Store


def read_right_answers(store: Store, evaluation_no: int) -> dict[tuple[str, str], bool]:
    """Return whether each question that was scored was answered right, by category and id."""
    query = """
        SELECT category, item_id, is_valid FROM current_evaluation_item
        WHERE evaluation_no = ? AND is_valid IS NOT NULL ORDER BY place, item_id
    """
    with store.cursor() as cursor:
        rows = cursor.execute(query, [evaluation_no]).fetchall()
    return {(category, item_id): is_valid for category, item_id, is_valid in rows}
