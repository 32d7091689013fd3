"""Writes data/samples/: the project's own demo data, with planted errors of every kind.

Nothing in it is copied from anywhere. Each record that carries a planted error says so in a field
`planted` (the name of the check that must find it), so that a test can hold the checks to it.
Run `python data/make_samples.py` to write the files again; the same seed gives the same bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent / "samples"
SEED = 2411

CITIES = ["Lisbon", "Oslo", "Nairobi", "Kyoto", "Montreal", "Valencia", "Tallinn", "Perth", "Quito", "Leeds"]
PEOPLE = ["Amara Osei", "Jonas Lind", "Priya Nair", "Mateo Ruiz", "Hana Sato", "Lucia Ferri", "Omar Haddad"]
CURRENCIES = ["EUR", "NOK", "KES", "JPY", "CAD", "AUD", "GBP"]

Record = dict[str, Any]


def flat_tool(name: str, description: str, **parameters: Record) -> Record:
    """Return a tool in the flat form of xlam-function-calling-60k."""
    return {"name": name, "description": description, "parameters": parameters}


FORECAST = flat_tool(
    "forecast",
    "Gives the weather forecast for a city over the coming days.",
    city={"description": "The city to look up.", "type": "str"},
    days={"description": "How many days ahead.", "type": "int, optional", "default": 3},
    units={"description": "Unit of temperature.", "type": "str, optional", "enum": ["celsius", "fahrenheit"]},
)
EXCHANGE = flat_tool(
    "convert_currency",
    "Converts an amount of money at today's rate.",
    amount={"description": "The amount to convert.", "type": "float"},
    source={"description": "Currency code to convert from.", "type": "str"},
    target={"description": "Currency code to convert to.", "type": "str"},
)
TABLE = flat_tool(
    "reserve_table",
    "Reserves a table in a restaurant.",
    restaurant={"description": "Name of the restaurant.", "type": "str"},
    guests={"description": "Number of guests.", "type": "int"},
    day={"description": "Day of the visit, as an ISO date (YYYY-MM-DD).", "type": "str"},
    terrace={"description": "Whether to sit outside.", "type": "bool, optional"},
)
STATISTICS = flat_tool(
    "summarise_numbers",
    "Computes mean, median and spread of a list of numbers.",
    numbers={"description": "The numbers.", "type": "List[float]"},
    robust={"description": "Ignore outliers.", "type": "bool, optional"},
)
TRANSIT = flat_tool(
    "plan_route",
    "Plans a trip with public transport between two stops.",
    origin={"description": "Where the trip starts.", "type": "str"},
    destination={"description": "Where the trip ends.", "type": "str"},
    leave_at={"description": "Departure time, 24-hour HH:MM.", "type": "str, optional"},
)
PARKS = flat_tool(
    "find_parks",
    "Lists the parks of a city.",
    city={"description": "The city.", "type": "str"},
    limit={"description": "How many to return.", "type": "int, optional", "default": 5},
)
RESTAURANTS = ["Blue Lantern", "Casa Verde", "The Old Mill", "Nori House", "Salt & Thyme"]
STOPS = [
    "Harbour Gate",
    "Museum Square",
    "North Station",
    "Botanic Garden",
    "City Hall",
    "Airport Terminal 2",
]


class Scene:
    """One request with the calls that answer it; the planting functions spoil copies of it."""

    def __init__(self, query: str, tools: list[Record], calls: list[Record]) -> None:
        self.query, self.tools, self.calls = query, tools, calls


def call(name: str, **arguments: Any) -> Record:
    """Return one tool call."""
    return {"name": name, "arguments": arguments}


def weather_scene(rng: random.Random) -> Scene:
    """Ask for the weather in one city."""
    city, days = rng.choice(CITIES), rng.randint(2, 9)
    query = f"What will the weather be like in {city} over the next {days} days? Please use celsius."
    return Scene(query, [FORECAST, PARKS], [call("forecast", city=city, days=days, units="celsius")])


def money_scene(rng: random.Random) -> Scene:
    """Convert an amount of money."""
    amount, (source, target) = rng.randint(20, 900) + 0.5, rng.sample(CURRENCIES, 2)
    query = f"How much is {amount} {source} in {target} today?"
    return Scene(
        query, [EXCHANGE, STATISTICS], [call("convert_currency", amount=amount, source=source, target=target)]
    )


def table_scene(rng: random.Random) -> Scene:
    """Reserve a table."""
    day = date(2026, 3, 1) + timedelta(days=rng.randint(0, 200))
    guests, restaurant = rng.randint(2, 8), rng.choice(RESTAURANTS)
    query = (
        f"Book a table for {guests} at {restaurant} on {day.isoformat()}, outside on the terrace if you can."
    )
    arguments = {"restaurant": restaurant, "guests": guests, "day": day.isoformat(), "terrace": True}
    return Scene(query, [TABLE, TRANSIT], [call("reserve_table", **arguments)])


def numbers_scene(rng: random.Random) -> Scene:
    """Summarise a list of numbers."""
    numbers = [round(rng.uniform(1, 60), 1) for _ in range(rng.randint(4, 7))]
    query = f"Give me the mean and median of these measurements: {', '.join(map(str, numbers))}."
    return Scene(query, [STATISTICS, EXCHANGE], [call("summarise_numbers", numbers=numbers)])


def route_scene(rng: random.Random) -> Scene:
    """Plan a trip, and ask for the weather where it ends."""
    origin, destination = rng.sample(STOPS, 2)
    city, hour = rng.choice(CITIES), rng.randint(6, 21)
    query = (
        f"Plan a trip from {origin} to {destination} leaving at {hour:02d}:30, "
        f"and tell me the 2 day forecast for {city}."
    )
    trip = call("plan_route", origin=origin, destination=destination, leave_at=f"{hour:02d}:30")
    return Scene(query, [TRANSIT, FORECAST], [trip, call("forecast", city=city, days=2)])


def parks_scene(rng: random.Random) -> Scene:
    """Ask for the parks of a city."""
    city = rng.choice(CITIES)
    return Scene(f"Which parks are there in {city}?", [PARKS, FORECAST], [call("find_parks", city=city)])


SCENES: list[Callable[[random.Random], Scene]] = [
    weather_scene,
    money_scene,
    table_scene,
    numbers_scene,
    route_scene,
    parks_scene,
]


def plant_wrong_name(scene: Scene) -> None:
    """Call a function nobody offered."""
    scene.calls[0]["name"] = {"forecast": "get_climate_outlook"}.get(
        scene.calls[0]["name"], scene.calls[0]["name"] + "_v2_beta"
    )


def plant_name_case(scene: Scene) -> None:
    """Write the function's name in another case: repairable."""
    scene.calls[0]["name"] = scene.calls[0]["name"].title().replace("_", "")


def plant_unknown_argument(scene: Scene) -> None:
    """Add an argument the tool does not have."""
    scene.calls[0]["arguments"]["language"] = "en"


def plant_missing_argument(scene: Scene) -> None:
    """Leave out the first required argument."""
    arguments = scene.calls[0]["arguments"]
    del arguments[next(iter(arguments))]


def plant_repeated_call(scene: Scene) -> None:
    """Call the same thing twice in one step."""
    scene.calls.append(json.loads(json.dumps(scene.calls[0])))


def plant_ungrounded(scene: Scene) -> None:
    """Use a value nobody mentioned."""
    arguments = scene.calls[0]["arguments"]
    for key in ("city", "restaurant", "origin", "source"):
        if key in arguments:
            arguments[key] = {"source": "ZAR"}.get(key, "Ulaanbaatar")


def plant_placeholder(scene: Scene) -> None:
    """Leave a template's placeholder where a value belongs."""
    arguments = scene.calls[0]["arguments"]
    text_key = next(key for key, value in arguments.items() if isinstance(value, str))
    arguments[text_key] = "<your_value_here>"


ANY_SCENE_PLANTS: dict[str, Callable[[Scene], None]] = {
    "undefined_function": plant_wrong_name,
    "undefined_argument": plant_unknown_argument,
    "missing_argument": plant_missing_argument,
    "repeated_call": plant_repeated_call,
}


def plant_default(scene: Scene) -> None:
    """Fill in a default that nobody asked for."""
    scene.calls[0]["arguments"]["limit"] = 5


def spoil_argument(name: str, key: str, change: Callable[[Any], Any]) -> Callable[[Scene], None]:
    """Return a planting function that changes one argument of one tool."""

    def plant(scene: Scene) -> None:
        for made in scene.calls:
            if made["name"] == name and key in made["arguments"]:
                made["arguments"][key] = change(made["arguments"][key])

    return plant


def city_services(rng: random.Random) -> Iterator[Record]:
    """Give single-turn rows in the 60k form: tools and answers are JSON strings."""
    plans: list[tuple[Callable[[random.Random], Scene], str, Callable[[Scene], None] | None]] = []
    plans += [(rng.choice(SCENES), "", None) for _ in range(96)]
    plans += [
        (numbers_scene, "argument_type", spoil_argument("summarise_numbers", "numbers", str))
        for _ in range(14)
    ]
    plans += [
        (table_scene, "argument_type", spoil_argument("reserve_table", "guests", str)) for _ in range(9)
    ]
    plans += [
        (money_scene, "argument_type", spoil_argument("convert_currency", "amount", lambda a: f"about {a}"))
    ] * 2
    plans += [
        (table_scene, "argument_type", spoil_argument("reserve_table", "guests", lambda n: n + 0.5))
    ] * 2
    plans += [
        (weather_scene, "enum_violation", spoil_argument("forecast", "units", str.title)) for _ in range(6)
    ]
    plans += [(weather_scene, "enum_violation", spoil_argument("forecast", "units", lambda _: "kelvin"))] * 2
    plans += [(weather_scene, "undefined_function", plant_name_case) for _ in range(5)]
    for check, plant in ANY_SCENE_PLANTS.items():
        plans += [(rng.choice(SCENES), check, plant) for _ in range(5)]
    plans += [
        (scene, "ungrounded_value", plant_ungrounded) for scene in (weather_scene, table_scene, money_scene)
    ] * 2
    plans += [(scene, "placeholder_value", plant_placeholder) for scene in (weather_scene, table_scene)] * 2
    plans += [(table_scene, "stated_format", spoil_argument("reserve_table", "day", _written_day))] * 3
    plans += [(parks_scene, "unasked_default", plant_default)] * 3
    rng.shuffle(plans)
    for number, (make, planted, plant) in enumerate(plans, start=1):
        yield sixty_k_row(number, make(rng), planted, plant)


def _written_day(day: str) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y")


def sixty_k_row(number: int, scene: Scene, planted: str, plant: Callable[[Scene], None] | None) -> Record:
    """Write one scene as a 60k-form row, spoilt when something is to be planted."""
    if plant is not None:
        plant(scene)
    row = {
        "id": number,
        "query": scene.query,
        "answers": json.dumps(scene.calls),
        "tools": json.dumps(scene.tools),
    }
    return {**row, "planted": planted} if planted else row


def schema_tool(name: str, description: str, required: list[str], **properties: Record) -> Record:
    """Return a tool in JSON Schema form."""
    parameters = {"type": "object", "properties": properties, "required": required}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


ORDER = schema_tool(
    "look_up_order",
    "Returns status and items of an order.",
    ["order_number"],
    order_number={"type": "string", "description": "Order number, for example A-10023."},
)
REFUND = schema_tool(
    "refund_item",
    "Refunds one item of an order.",
    ["order_number", "item_id", "amount"],
    order_number={"type": "string", "description": "Order number."},
    item_id={"type": "string", "description": "Identifier of the item, as the order lists it."},
    amount={"type": "number", "description": "Amount in the order's currency."},
    reason={"type": "string", "enum": ["damaged", "late", "wrong item"], "description": "Why."},
)
NOTE = schema_tool(
    "add_note",
    "Adds a note to a customer's file.",
    ["customer", "text"],
    customer={"type": "string", "description": "Full name of the customer."},
    text={"type": "string", "description": "The note."},
    urgent={"type": "boolean", "description": "Marks the note as urgent.", "default": False},
)
DESK_POLICY = (
    "You answer for the help desk of a mail-order shop. Look an order up before you change anything, "
    "and never promise what a tool has not confirmed."
)


class Desk:
    """One help-desk conversation in unified format 2.0, built message by message."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.order = f"A-{10000 + number * 7}"
        self.item = f"IT-{rng.randint(100, 999)}"
        self.amount = rng.randint(9, 180) + 0.9
        self.customer = rng.choice(PEOPLE)
        self.messages: list[Record] = []
        self.calls = 0

    def user(self, text: str) -> None:
        """Add a user turn."""
        self.messages.append({"role": "user", "content": text})

    def say(self, text: str) -> None:
        """Add an answer without a call."""
        self.messages.append({"role": "assistant", "content": text})

    def act(self, thought: str, name: str, result: Any, **arguments: Any) -> None:
        """Add a call and what it returned."""
        self.calls += 1
        call_id = f"call_{self.calls}"
        function = {"name": name, "arguments": arguments}
        tool_calls = [{"type": "function", "function": function, "id": call_id}]
        self.messages.append({"role": "assistant", "content": thought, "tool_calls": tool_calls})
        self.messages.append({"role": "tool", "name": name, "content": result, "tool_call_id": call_id})

    def found_order(self) -> Record:
        """Return what looking the order up gives."""
        item = {"item_id": self.item, "title": "reading lamp", "price": self.amount}
        return {"order_number": self.order, "status": "delivered", "items": [item]}


def good_desk(desk: Desk) -> None:
    """Play a conversation without a fault."""
    desk.user(
        f"Hello, this is {desk.customer}. The lamp from order {desk.order} arrived damaged, "
        "I want my money back."
    )
    desk.act("I look the order up first.", "look_up_order", desk.found_order(), order_number=desk.order)
    desk.act(
        "The order lists the lamp with its price, so I refund exactly that item.",
        "refund_item",
        {"status": "refunded", "amount": desk.amount},
        order_number=desk.order,
        item_id=desk.item,
        amount=desk.amount,
        reason="damaged",
    )
    desk.say(f"Done: {desk.amount} has been refunded for the reading lamp.")
    desk.user("Thank you, that was quick.")
    desk.say("You are welcome.")


def same_lookup_again(desk: Desk) -> None:
    """Look the order up twice and get the same answer."""
    good_desk(desk)
    desk.messages[3:3] = json.loads(json.dumps(desk.messages[1:3]).replace("call_1", "call_9"))


def guess_before_lookup(desk: Desk) -> None:
    """Refer to the output of a call that has not been made."""
    good_desk(desk)
    desk.messages[1]["tool_calls"][0]["function"]["arguments"]["order_number"] = (
        "${order_number from list_orders}"
    )


def copied_example(desk: Desk) -> None:
    """Use the example of the parameter's description instead of the customer's own order."""
    good_desk(desk)
    desk.messages[0]["content"] = (
        f"Hello, this is {desk.customer}. My lamp arrived damaged, I want my money back."
    )
    desk.messages = json.loads(json.dumps(desk.messages).replace(desk.order, "A-10023"))


def broken_order(desk: Desk) -> None:
    """Answer a call that nobody made."""
    good_desk(desk)
    desk.messages[2]["tool_call_id"] = "call_77"


def failed_lookup(desk: Desk) -> None:
    """Get an error from the tool."""
    good_desk(desk)
    desk.messages[2]["content"] = "Error: 504 gateway timeout while reading the order database"


def call_in_words(desk: Desk) -> None:
    """Write the call into the answer instead of making it."""
    desk.user(f"What is the status of order {desk.order}?")
    arguments = json.dumps({"name": "look_up_order", "arguments": {"order_number": desk.order}})
    desk.say(f"I will look that up now: {arguments}")
    desk.user("And, what does it say?")
    desk.say("It should arrive soon.")


def take_note(desk: Desk) -> None:
    """Write a note, without a fault."""
    desk.user(f"Please write down for {desk.customer}: prefers delivery in the evening.")
    text = "prefers delivery in the evening"
    desk.act(
        "A note is what is asked for.", "add_note", {"status": "saved"}, customer=desk.customer, text=text
    )
    desk.say("The note is saved.")


def broken_characters(desk: Desk) -> None:
    """Carry control characters from a terminal into a turn."""
    good_desk(desk)
    desk.messages[0]["content"] += " \x1b[31m\x07 (pasted from the terminal)"


def stuttering(desk: Desk) -> None:
    """Repeat the same words over and over."""
    good_desk(desk)
    desk.messages[-1]["content"] = "You are welcome. " * 24


DESK_PLANTS: list[tuple[str, Callable[[Desk], None]]] = [
    ("repeated_call", same_lookup_again),
    ("value_before_source", guess_before_lookup),
    ("value_provenance", copied_example),
    ("turn_order", broken_order),
    ("failed_call", failed_lookup),
    ("unreadable_call", call_in_words),
    ("damaged_text", broken_characters),
    ("repeated_text", stuttering),
]


def help_desk(rng: random.Random) -> Iterator[Record]:
    """Give multi-turn conversations in unified format 2.0."""
    plans: list[tuple[str, Callable[[Desk], None]]] = (
        [("", good_desk)] * 26 + [("", take_note)] * 6 + DESK_PLANTS * 2
    )
    rng.shuffle(plans)
    for number, (planted, play) in enumerate(plans, start=1):
        desk = Desk(rng, number)
        play(desk)
        record = {
            "unique_trajectory_id": f"desk-{number:03d}",
            "task_instruction": DESK_POLICY,
            "tools": [ORDER, REFUND, NOTE],
            "conversation": desk.messages,
        }
        yield {**record, "planted": planted} if planted else record


LIBRARY = {
    "The Salt Road": ("Ines Varga", 1987),
    "Night Ferries": ("Tomas Brandt", 2003),
    "A House of Tides": ("Ines Varga", 1994),
    "Glass Orchard": ("Wendy Achieng", 2011),
}
SEARCH = flat_tool(
    "search_catalogue",
    "Searches the library catalogue by title.",
    title={"type": "string", "description": "Title, or a part of it.", "required": True},
)
AUTHOR = flat_tool(
    "author_works",
    "Lists the works of an author.",
    author={"type": "string", "description": "Full name of the author.", "required": True},
    since={"type": "integer", "description": "Only works from this year on."},
)
NEEDS_MORE = {
    "name": "renew_loan",
    "description": "Renews a loan.",
    "parameters": {
        "type": "object",
        "properties": {"card": {"type": "string", "description": "Number of the library card."}},
        "required": ["card", "pin"],
    },
}
FAULTY_TOOLS: list[tuple[str, Record]] = [
    ("tool_spec_invalid", {"name": "", "description": "", "parameters": {"page": {"type": "integer"}}}),
    ("duplicate_tools", SEARCH),
    ("required_not_in_properties", NEEDS_MORE),
    (
        "type_alias",
        flat_tool("count_copies", "Counts the copies of a book.", books={"type": "List[str], optional"}),
    ),
    (
        "default_contradicts_type",
        flat_tool("open_page", "Opens a page.", page={"type": "integer", "default": "first"}),
    ),
    ("illegal_tool_name", flat_tool("shelf finder 2.0", "Finds a shelf.", code={"type": "string"})),
    (
        "similar_tool_names",
        flat_tool("search_catalogues", "Searches the old catalogue.", title={"type": "string"}),
    ),
]


def reading_room(rng: random.Random) -> Iterator[Record]:
    """Give reason-and-act records in unified format 1.0, some with faulty tool lists."""
    titles = list(LIBRARY)
    faults: list[tuple[str, Record | None]] = [("", None)] * 26 + list(FAULTY_TOOLS)
    faults.append(("format_instruction", None))
    for number, (planted, fault) in enumerate(faults, start=1):
        title = rng.choice(titles)
        author, year = LIBRARY[title]
        since = year - rng.randint(1, 5)
        steps = [
            reading_step(1, "I find the book to learn who wrote it.", call("search_catalogue", title=title),
                         {"title": title, "author": author, "year": year}),
            reading_step(2, f"The author is {author}; now the works from {since} on.",
                         call("author_works", author=author, since=since),
                         [name for name, (who, when) in LIBRARY.items() if who == author and when >= since]),
            reading_step(3, "I have what was asked for and can answer.", None, ""),
        ]  # fmt: skip
        record = {
            "unique_trajectory_id": f"reading-{number:03d}",
            "task_instruction": "Answer questions about the library with the tools given.",
            "few_shot_examples": [],
            "query": f"Who wrote {title}, and what did they publish from {since} on?",
            "tools": [SEARCH, AUTHOR] + ([fault] if fault else []),
            "steps": steps,
        }
        if planted == "format_instruction":
            record["format_instruction"] = "Make exactly one tool call per step."
            steps[0]["tool_calls"].append(call("search_catalogue", title="Night"))
        yield {**record, "planted": planted} if planted else record


def reading_step(number: int, thought: str, made: Record | None, observation: Any) -> Record:
    """Return one step of format 1.0."""
    return {
        "step_id": number,
        "thought": thought,
        "tool_calls": [made] if made else [],
        "next_observation": observation,
        "user_input": "",
    }


# Topic -> what is asked about, with its answer.
EVERYDAY: dict[str, list[tuple[str, str]]] = {
    "cooking": [
        (
            "bake bread without yeast",
            "Mix flour, buttermilk and soda, shape a loaf and bake it for 40 minutes.",
        ),
        (
            "cook rice that does not stick",
            "Wash the rice, simmer it covered for twelve minutes and let it rest.",
        ),
        ("make a tomato soup", "Fry onions, add tomatoes and broth, simmer for half an hour and blend."),
        (
            "keep fresh herbs for a week",
            "Stand the herbs in a glass of water in the fridge, loosely covered.",
        ),
        (
            "season a cast iron pan",
            "Rub the pan with a thin coat of oil and bake it upside down for an hour.",
        ),
    ],
    "gardening": [
        ("water tomatoes in a hot summer", "Water the roots early in the morning, deeply and not every day."),
        ("prune a young apple tree", "Cut in late winter and keep four branches that point outwards."),
        ("grow potatoes in a bucket", "Fill a third with soil, plant one potato and add soil as it grows."),
        ("get rid of snails in a garden", "Collect the snails in the evening and lay a ring of copper tape."),
        ("make compost from leaves", "Pile damp leaves, mix in some grass and turn the heap every month."),
    ],
    "writing": [
        (
            "begin a letter to a landlord",
            "Name the flat and the date, then say in one sentence what you ask for.",
        ),
        (
            "write a short poem about autumn",
            "Leaves let go of the light,\nthe path keeps their colours tonight.",
        ),
        (
            "end a speech at a wedding",
            "Thank the guests, wish the two well and ask everybody to raise a glass.",
        ),
        (
            "summarise a long report",
            "Say what was asked, what was found and what should be done, a line each.",
        ),
        ("write a friendly reminder by mail", "Repeat the date, say what is missing and offer your help."),
    ],
    "programming": [
        (
            "sort a list of words in Python",
            "Use `sorted(words)`; it gives a new list and leaves the old as it is.",
        ),
        (
            "read a text file line by line in Python",
            "Open it with `with open(path) as file` and loop over `file`.",
        ),
        ("count words with a dictionary in Python", "Loop over the words and add one to `counts[word]`."),
        ("undo the last commit in git", "Run `git revert HEAD`; it makes a new commit that takes it back."),
        ("name a function in Python", "Use a verb and a noun in small letters, such as `read_rows`."),
    ],
}
ASKING = ["How do I {}?", "Please help me: I want to {}.", "What is a good way to {}?", "Explain how to {}."]
NOISE: list[tuple[str, str, str]] = [
    ("repeated_text", "How do I dry flowers?", "Hang them and and and and and and wait."),
    ("repeated_text", "Tell me tell me tell me a joke joke joke joke joke", "A horse walks into a bar."),
    ("inappropriate_content", "How do I stop my puppy from biting?", "Just say no to that fucking dog."),
    ("inappropriate_content", "Where can I find good hentai?", "I cannot help with that."),
]


def everyday_questions(rng: random.Random) -> Iterator[Record]:
    """Give general-instruction data: questions and answers without tools, some of them noise."""
    asked = [
        (topic, ASKING[(at + turn) % len(ASKING)].format(what), answer)
        for topic, pairs in EVERYDAY.items()
        for at, (what, answer) in enumerate(pairs)
        for turn in range(2)
    ]
    rows: list[Record] = [
        {"instruction": question, "output": answer, "topic": topic} for topic, question, answer in asked
    ]
    rows += [{"instruction": ask, "output": say, "planted": planted} for planted, ask, say in NOISE]
    rng.shuffle(rows)
    rows[3]["licence"] = "CC BY-NC 4.0"
    rows[17]["licence"] = "ask the author"
    yield from ({"id": f"everyday-{number:03d}", **row} for number, row in enumerate(rows, start=1))


BROKEN_LINES = [
    '{"id": 9001, "query": "What is 12 USD in EUR?", "answers": "[{\\"name\\": \\"convert_currency\\"',
    '{"id": 9002, "query": "Average of nothing", "answers": "[]", "tools": "[]", "score": NaN}',
    '{"id": 9003, "query": "Which parks are in Quito?", "answers": "[{name: find_parks}]", "tools": "[]"}',
]


def write_samples(folder: Path, seed: int) -> None:
    """Write every sample file; the broken lines stand in the middle of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    rows = [json.dumps(row) for row in city_services(rng)]
    rows[40:40] = BROKEN_LINES
    _write(folder / "city_services_60k.jsonl", rows)
    _write(folder / "help_desk_unified_2.jsonl", [json.dumps(row) for row in help_desk(rng)])
    _write(folder / "reading_room_unified_1.jsonl", [json.dumps(row) for row in reading_room(rng)])
    _write(folder / "everyday_questions.jsonl", [json.dumps(row) for row in everyday_questions(rng)])


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    write_samples(SAMPLES, SEED)
