"""Writes data/questions_demo/: a small set of questions in the layout of the Berkeley leaderboard's files.

Our own writing, copied from nowhere: tools and values resemble those of the demo data (make_samples.py), but
no question stands in the demo data, and no answer repeats what one of its records calls. It shows on a
model of any size, within seconds, that the way from data to score works; it says little about how good a
large model is. Run `python data/make_questions.py` to write the files again; the same seed, the same bytes.
"""

from __future__ import annotations

import json
import random
import runpy
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SAMPLES = HERE / "samples"
QUESTIONS = HERE / "questions_demo"
SEED = 2409

Record = dict[str, Any]
Ask = Callable[[random.Random], tuple[str, list[Record]]]

_DEMO = runpy.run_path(str(HERE / "make_samples.py"))
CITIES, CURRENCIES, STOPS = _DEMO["CITIES"], _DEMO["CURRENCIES"], _DEMO["STOPS"]
RESTAURANTS, LIBRARY = _DEMO["RESTAURANTS"], _DEMO["LIBRARY"]


def function(name: str, description: str, required: list[str], **properties: Record) -> Record:
    """Return a function as the leaderboard's files describe one."""
    parameters = {"type": "dict", "properties": properties, "required": required}
    return {"name": name, "description": description, "parameters": parameters}


def text(description: str, **more: Any) -> Record:
    """Return a parameter that is a string."""
    return {"type": "string", "description": description, **more}


FUNCTIONS: dict[str, Record] = {
    spec["name"]: spec
    for spec in (
        function(
            "forecast",
            "Gives the weather forecast for a city over the coming days.",
            ["city"],
            city=text("The city to look up."),
            days={"type": "integer", "description": "How many days ahead.", "default": 3},
            units=text("Unit of temperature.", enum=["celsius", "fahrenheit"]),
        ),
        function(
            "convert_currency",
            "Converts an amount of money at today's rate.",
            ["amount", "source", "target"],
            amount={"type": "float", "description": "The amount to convert."},
            source=text("Currency code to convert from."),
            target=text("Currency code to convert to."),
        ),
        function(
            "reserve_table",
            "Reserves a table in a restaurant.",
            ["restaurant", "guests", "day"],
            restaurant=text("Name of the restaurant."),
            guests={"type": "integer", "description": "Number of guests."},
            day=text("Day of the visit, as an ISO date (YYYY-MM-DD)."),
            terrace={"type": "boolean", "description": "Whether to sit outside."},
        ),
        function(
            "summarise_numbers",
            "Computes mean, median and spread of a list of numbers.",
            ["numbers"],
            numbers={"type": "array", "items": {"type": "float"}, "description": "The numbers."},
            robust={"type": "boolean", "description": "Ignore outliers."},
        ),
        function(
            "plan_route",
            "Plans a trip with public transport between two stops.",
            ["origin", "destination"],
            origin=text("Where the trip starts."),
            destination=text("Where the trip ends."),
            leave_at=text("Departure time, 24-hour HH:MM."),
        ),
        function(
            "find_parks",
            "Lists the parks of a city.",
            ["city"],
            city=text("The city."),
            limit={"type": "integer", "description": "How many to return.", "default": 5},
        ),
        function(
            "look_up_order",
            "Returns status and items of an order.",
            ["order_number"],
            order_number=text("Order number, for example A-10023."),
        ),
        function(
            "search_catalogue",
            "Searches the library catalogue by title.",
            ["title"],
            title=text("Title, or a part of it."),
        ),
    )
}


def weather(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for the weather, in the demo data's words or in others."""
    city, days = rng.choice(CITIES), rng.randint(2, 9)
    words = rng.choice(
        [
            "What will the weather be like in {city} over the next {days} days? Please use celsius.",
            "What will the weather be like in {city} over the next {days} days? Please use celsius.",
            "Please use celsius: what will the weather be like in {city} over the next {days} days?",
        ]
    )
    allowed = {"city": [city], "days": [days], "units": ["celsius"]}
    return words.format(city=city, days=days), [{"forecast": allowed}]


def money(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for an amount in another currency."""
    amount, (source, target) = rng.randint(20, 900) + 0.5, rng.sample(CURRENCIES, 2)
    words = rng.choice(
        [
            "How much is {amount} {source} in {target} today?",
            "How much is {amount} {source} in {target} today?",
            "Today, how much is {amount} {source} in {target}?",
        ]
    )
    allowed = {"amount": [amount], "source": [source], "target": [target]}
    return words.format(amount=amount, source=source, target=target), [{"convert_currency": allowed}]


def table(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for a table."""
    day = (date(2026, 3, 1) + timedelta(days=rng.randint(0, 200))).isoformat()
    guests, restaurant = rng.randint(2, 8), rng.choice(RESTAURANTS)
    words = f"Book a table for {guests} at {restaurant} on {day}, outside on the terrace if you can."
    allowed = {"restaurant": [restaurant], "guests": [guests], "day": [day], "terrace": [True]}
    return words, [{"reserve_table": allowed}]


def numbers(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for the middle of some measurements."""
    listed = [round(rng.uniform(1, 60), 1) for _ in range(rng.randint(4, 6))]
    words = f"Give me the mean and median of these measurements: {', '.join(map(str, listed))}."
    return words, [{"summarise_numbers": {"numbers": [listed], "robust": [False, ""]}}]


def order(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask how an order stands."""
    number = f"A-{10000 + rng.randint(60, 900)}"
    return f"What is the status of order {number}?", [{"look_up_order": {"order_number": [number]}}]


def book(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask who wrote a book; the first step is to look it up."""
    title = rng.choice(list(LIBRARY))
    since = LIBRARY[title][1] - rng.randint(6, 20)
    words = f"Who wrote {title}, and what did they publish from {since} on?"
    return words, [{"search_catalogue": {"title": [title]}}]


def trip_and_weather(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for a trip and the weather: two calls of two functions."""
    origin, destination = rng.sample(STOPS, 2)
    city, hour = rng.choice(CITIES), rng.randint(6, 21)
    words = (
        f"Plan a trip from {origin} to {destination} leaving at {hour:02d}:30, "
        f"and tell me the 2 day forecast for {city}."
    )
    trip = {"origin": [origin], "destination": [destination], "leave_at": [f"{hour:02d}:30"]}
    units = ["celsius", "fahrenheit", ""]
    return words, [{"plan_route": trip}, {"forecast": {"city": [city], "days": [2], "units": units}}]


def two_cities(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for the weather in two cities: two calls of one function."""
    first, second = rng.sample(CITIES, 2)
    days = rng.randint(2, 9)
    words = (
        f"What will the weather be like in {first} and in {second} over the next {days} days? "
        "Please use celsius."
    )
    more = {"days": [days], "units": ["celsius"]}
    return words, [{"forecast": {"city": [city], **more}} for city in (first, second)]


def two_amounts(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for two amounts in another currency: two calls of one function."""
    (first, second), (source, target) = rng.sample(range(20, 900), 2), rng.sample(CURRENCIES, 2)
    words = f"How much are {first}.5 {source} and {second}.5 {source} in {target} today?"
    more = {"source": [source], "target": [target]}
    return words, [{"convert_currency": {"amount": [amount + 0.5], **more}} for amount in (first, second)]


# What none of the functions can do, in the manner of the everyday questions of the demo data.
UNRELATED = [
    "How do I descale a kettle?",
    "Please help me: I want to write a thank-you card to a neighbour.",
    "What is a good way to grow basil on a balcony?",
    "Explain how to reverse a list in Python.",
    "How do I poach an egg?",
    "Please help me: I want to keep a sourdough starter alive.",
    "What is a good way to remember names?",
    "Explain how to plant garlic in autumn.",
    "How do I end a letter to a friend?",
    "Please help me: I want to split a string in Python.",
    "What is a good way to season a soup?",
    "Explain how to prune a rose.",
    "How do I start a speech at a birthday?",
    "Please help me: I want to ripen green tomatoes.",
    "What is a good way to store potatoes?",
    "Explain how to merge two branches in git.",
]

# Category -> (who asks, how many of it, how many other functions are offered beside the right ones).
PLAN: dict[str, list[tuple[Ask, int, int]]] = {
    "simple_python": [
        (weather, 10, 0),
        (money, 10, 0),
        (table, 8, 0),
        (numbers, 4, 0),
        (order, 4, 0),
        (book, 4, 0),
    ],
    "multiple": [(weather, 8, 1), (money, 8, 1), (table, 8, 1)],
    "parallel": [(two_cities, 4, 0), (two_amounts, 4, 0)],
    "parallel_multiple": [(trip_and_weather, 16, 0)],
}


def known_words_and_calls() -> tuple[set[str], set[str]]:
    """Return every text of the demo data, and the calls of its single-turn records."""
    words: set[str] = set()
    calls: set[str] = set()
    for path in sorted(SAMPLES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # one of the lines that are broken on purpose
            words |= {record.get("query", ""), record.get("instruction", "")}
            words |= {turn["content"] for turn in record.get("conversation", ()) if turn["role"] == "user"}
            answers = record.get("answers", "[]")
            made = json.loads(answers) if answers.startswith("[{\"name\"") else []
            calls.add(json.dumps([{one["name"]: one["arguments"]} for one in made], sort_keys=True))
    return words, calls


def first_allowed(answer: list[Record]) -> str:
    """Write the calls that take the first allowed value of every argument, as the demo data writes calls."""
    made = [
        {name: {key: allowed[0] for key, allowed in arguments.items() if "" not in allowed}}
        for call in answer
        for name, arguments in call.items()
    ]
    return json.dumps(made, sort_keys=True)


def make_questions(seed: int) -> dict[str, tuple[list[Record], list[Record]]]:
    """Return the questions and the possible answers of each category."""
    rng = random.Random(seed)
    words, calls = known_words_and_calls()
    made: dict[str, tuple[list[Record], list[Record]]] = {}
    for category, plan in PLAN.items():
        questions: list[Record] = []
        answers: list[Record] = []
        for ask, count, more in plan:
            for _ in range(count):
                asked, answer = ask(rng)
                while asked in words or first_allowed(answer) in calls:
                    asked, answer = ask(rng)
                words.add(asked)
                name = f"{category}_{len(questions)}"
                questions.append(question(name, asked, offered(rng, answer, more)))
                answers.append({"id": name, "ground_truth": answer})
        made[category] = questions, answers
    unrelated = []
    for number, asked in enumerate(UNRELATED):
        functions = [FUNCTIONS[name] for name in rng.sample(sorted(FUNCTIONS), 2)]
        unrelated.append(question(f"irrelevance_{number}", asked, functions))
    return {**made, "irrelevance": (unrelated, [])}


def offered(rng: random.Random, answer: list[Record], more: int) -> list[Record]:
    """Return the functions that an answer needs, and so many others, in any order."""
    needed = list(dict.fromkeys(name for call in answer for name in call))
    others = rng.sample([name for name in FUNCTIONS if name not in needed], more)
    names = needed + others
    rng.shuffle(names)
    return [FUNCTIONS[name] for name in names]


def question(name: str, asked: str, functions: list[Record]) -> Record:
    """Return a question as the leaderboard's files write it."""
    return {"id": name, "question": [[{"role": "user", "content": asked}]], "function": functions}


def write_questions(folder: Path, seed: int) -> None:
    """Write every file."""
    for category, (questions, answers) in make_questions(seed).items():
        name = f"BFCL_v4_{category}.json"
        _write(folder / name, questions)
        if answers:
            _write(folder / "possible_answer" / name, answers)


def _write(path: Path, rows: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    write_questions(QUESTIONS, SEED)
