"""What the functions of BFCL's executable questions calculate, as far as they only calculate.

The order of operations is that of the official functions, so that results are equal to the last bit.
Functions that ask a service (weather, prices, films) are not here: questions about them need a network.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from xlam_backend.bfcl.decoding.arithmetic import calculate_with

MAX_COUNT = 5_000
"""Factorials and sequences end here: their numbers take long beyond."""


def _bounded(count: int) -> int:
    if count > MAX_COUNT:
        raise ValueError(f"{count} is too large to be worked out")
    return count


def _triangle_area(base: float, height: float) -> float:
    return base * height / 2


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


def _factorial(n: int) -> int:
    return math.factorial(_bounded(n))


def _roots(a: float, b: float, c: float) -> list[Any]:
    root = (b**2 - 4 * a * c) ** 0.5
    return [(-b + root) / (2 * a), (-b - root) / (2 * a)]


def _circle_area(radius: float) -> float:
    return math.pi * radius**2


def _prime_factors(number: int) -> list[int]:
    rest, divisor, factors = number, 2, []
    while rest > 1:
        if divisor * divisor > rest:
            divisor = rest
        while rest % divisor == 0:
            factors.append(divisor)
            rest //= divisor
        divisor += 1
        if divisor > 100_000:
            raise ValueError("the factors are too large to be found")
    return factors


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _lcm(a: int, b: int) -> float:
    return a * b / _gcd(a, b)


def _final_velocity(initial_velocity: float, acceleration: float, time: float) -> float:
    return initial_velocity + acceleration * time


def _displacement(initial_velocity: float, acceleration: float, time: float) -> float:
    return initial_velocity * time + 0.5 * acceleration * time**2


def _electrostatic_energy(charge: float, voltage: float) -> float:
    return charge * voltage


def _density(mass: float, volume: float) -> float:
    return mass / volume


def _matrix_product(left: list[list[float]], right: list[list[float]]) -> list[list[float]]:
    return [
        [
            sum(row[place] * right[place][column] for place in range(len(right)))
            for column in range(len(right[0]))
        ]
        for row in left
    ]


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _standard_deviation(numbers: Sequence[float]) -> float:
    mean = _mean(numbers)
    return float((sum((number - mean) ** 2 for number in numbers) / len(numbers)) ** 0.5)


def _binomial_probability(n: int, k: int, p: float) -> float:
    ways = _factorial(n) / (_factorial(k) * _factorial(n - k))
    return float(ways * (p**k * (1 - p) ** (n - k)))


def _permutations(n: int, k: int) -> float:
    return _factorial(n) / _factorial(n - k)


def _fibonacci_sequence(n: int) -> list[int]:
    sequence = [0, 1]
    for _ in range(2, _bounded(n)):
        sequence.append(sequence[-1] + sequence[-2])
    return sequence


def _fibonacci_number(n: int) -> int:
    return [*_fibonacci_sequence(n + 1)][n]


def _derivative(function: str, x: float) -> float:
    """The slope at x of a function written as a lambda of one argument, as a difference over a tiny step."""
    node = ast.parse(function, mode="eval").body
    if not isinstance(node, ast.Lambda) or len(node.args.args) != 1:
        raise TypeError("a lambda of one argument was expected")
    name, body = node.args.args[0].arg, node.body
    step = 0.0000000001
    return float((calculate_with(body, {name: x + step}) - calculate_with(body, {name: x})) / step)


def _cosine_similarity(one: Sequence[float], other: Sequence[float]) -> float:
    places = range(len(one))
    dot = sum(one[place] * other[place] for place in places)
    lengths = [sum(vector[place] ** 2 for place in places) ** 0.5 for vector in (one, other)]
    return float(dot / (lengths[0] * lengths[1]))


def _mortgage(loan_amount: float, interest_rate: float, loan_period: int) -> float:
    monthly = interest_rate / 12
    months = loan_period * 12
    return float(loan_amount * monthly * (1 + monthly) ** months / ((1 + monthly) ** months - 1))


def _future_value(present_value: float, interest_rate: float, periods: int) -> float:
    return float(present_value * (1 + interest_rate / 100) ** periods)


def _sort(array: list[Any], reverse: bool = False) -> list[Any]:
    return sorted(array, reverse=reverse)


def _regression(x: Sequence[float], y: Sequence[float], point: float) -> float:
    count, sum_x, sum_y = len(x), sum(x), sum(y)
    squares = sum(value**2 for value in x)
    products = sum(x[place] * y[place] for place in range(count))
    slope = (count * products - sum_x * sum_y) / (count * squares - sum_x**2)
    return slope * point + (sum_y - slope * sum_x) / count


def _add_binary(a: str, b: str) -> str:
    return bin(int(a, 2) + int(b, 2))[2:]


def _most_points_on_a_line(points: Sequence[Sequence[float]]) -> int:
    if len(points) < 2:
        return 1
    most = 1
    for number, first in enumerate(points):
        slopes: dict[float, int] = {}
        for other in points[number + 1 :]:
            across = other[0] - first[0]
            slope = (other[1] - first[1]) / across if across else math.inf
            slopes[slope] = slopes.get(slope, 0) + 1
        most = max(most, *slopes.values(), 1)
    return most + 1


def _investment_value(
    initial_investment: float,
    annual_contribution: float,
    years: int,
    annual_return: float,
    inflation_rate: Sequence[float],
    adjust_for_inflation: bool = True,
) -> float:
    value = real_value = initial_investment
    for year in range(_bounded(years)):
        value = value * (1 + annual_return) + annual_contribution
        if adjust_for_inflation:
            inflation = inflation_rate[year]
            real_value = real_value * (1 + annual_return - inflation) + annual_contribution * (1 - inflation)
    return real_value if adjust_for_inflation else value


def _nutritional_needs(
    weight: float, height: float, age: float, gender: str, activity_level: int, goal: str
) -> dict[str, float]:
    if gender == "male":
        resting = 88.362 + (13.397 * weight) + (4.799 * height) - (5.677 * age)
    else:
        resting = 447.593 + (9.247 * weight) + (3.098 * height) - (4.330 * age)
    daily = resting * [1.2, 1.375, 1.55, 1.725, 1.9][activity_level - 1]
    daily += {"lose": -500, "gain": 500}.get(goal, 0)
    return {
        "calories": daily,
        "proteins_g": (daily * 0.30) / 4,
        "fats_g": (daily * 0.25) / 9,
        "carbohydrates_g": (daily * 0.45) / 4,
    }


def _book_room(
    room_type: Any,
    price: float,
    check_in_date: Any,
    check_out_date: Any,
    customer_id: Any,
    discount_code: str | None = None,
) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "room_number": room_type,
        "check_in_date": check_in_date,
        "check_out_date": check_out_date,
        "total_price": price * 0.9 if discount_code == "DISCOUNT10" else price,
    }


def _order_food(item: Sequence[str], quantity: Sequence[float], price: Sequence[float]) -> float:
    return sum(quantity[place] * price[place] for place in range(len(item)))


def _polygon_area(vertices: Sequence[Sequence[float]]) -> float:
    if len(vertices) < 3:
        raise ValueError("A polygon must have at least 3 vertices.")
    area: float = 0
    for here, there in zip(vertices, [*vertices[1:], vertices[0]]):
        area += (here[0] * there[1]) - (there[0] * here[1])
    return abs(area) / 2.0


class LocalFunction(msgspec.Struct, frozen=True):
    """A function with the names of its arguments, in order; one that ends in ? may be left out."""

    run: Callable[..., Any]
    arguments: str

    def call(self, given: Mapping[Any, Any]) -> Any:
        """What it calculates from arguments by name; a tuple comes as the list it is stored as."""
        names = [name.rstrip("?") for name in self.arguments.split()]
        if unknown := [name for name in given if name not in names]:
            raise TypeError(f"an unexpected argument {unknown[0]!r}")
        required = [name for name in self.arguments.split() if not name.endswith("?")]
        if missing := [name for name in required if name not in given]:
            raise TypeError(f"the argument {missing[0]!r} is missing")
        return self.run(*(given[name] for name in names if name in given))


LOCAL_FUNCTIONS: Mapping[str, LocalFunction] = MappingProxyType(
    {
        "calculate_triangle_area": LocalFunction(_triangle_area, "base height"),
        "get_distance": LocalFunction(_distance, "pointA pointB"),
        "math_factorial": LocalFunction(_factorial, "n"),
        "quadratic_roots": LocalFunction(_roots, "a b c"),
        "geometry_area_circle": LocalFunction(_circle_area, "radius"),
        "get_prime_factors": LocalFunction(_prime_factors, "number"),
        "math_gcd": LocalFunction(_gcd, "a b"),
        "math_lcm": LocalFunction(_lcm, "a b"),
        "calculate_final_velocity": LocalFunction(_final_velocity, "initial_velocity acceleration time"),
        "calculate_displacement": LocalFunction(_displacement, "initial_velocity acceleration time"),
        "calculate_electrostatic_potential_energy": LocalFunction(_electrostatic_energy, "charge voltage"),
        "calculate_density": LocalFunction(_density, "mass volume"),
        "mat_mul": LocalFunction(_matrix_product, "matA matB"),
        "calculate_mean": LocalFunction(_mean, "numbers"),
        "calculate_standard_deviation": LocalFunction(_standard_deviation, "numbers"),
        "calc_binomial_probability": LocalFunction(_binomial_probability, "n k p"),
        "calculate_permutations": LocalFunction(_permutations, "n k"),
        "get_fibonacci_sequence": LocalFunction(_fibonacci_sequence, "n"),
        "get_fibonacci_number": LocalFunction(_fibonacci_number, "n"),
        "estimate_derivative": LocalFunction(_derivative, "function x"),
        "calculate_cosine_similarity": LocalFunction(_cosine_similarity, "vectorA vectorB"),
        "mortgage_calculator": LocalFunction(_mortgage, "loan_amount interest_rate loan_period"),
        "calculate_future_value": LocalFunction(_future_value, "present_value interest_rate periods"),
        "sort_array": LocalFunction(_sort, "array reverse?"),
        "linear_regression": LocalFunction(_regression, "x y point"),
        "add_binary_numbers": LocalFunction(_add_binary, "a b"),
        "maxPoints": LocalFunction(_most_points_on_a_line, "points"),
        "calculate_investment_value": LocalFunction(
            _investment_value,
            "initial_investment annual_contribution years annual_return inflation_rate adjust_for_inflation?",
        ),
        "calculate_nutritional_needs": LocalFunction(
            _nutritional_needs, "weight height age gender activity_level goal"
        ),
        "book_room": LocalFunction(
            _book_room, "room_type price check_in_date check_out_date customer_id discount_code?"
        ),
        "order_food": LocalFunction(_order_food, "item quantity price"),
        "polygon_area": LocalFunction(_polygon_area, "vertices"),
    }
)
"""By the names that the questions give them."""

NETWORK_FUNCTIONS = frozenset(
    {
        "convert_currency",
        "find_term_on_urban_dictionary",
        "get_active_covid_case_by_country",
        "get_company_name_by_stock_name",
        "get_coordinate_by_ip_address",
        "get_coordinates_from_city",
        "get_covid_death_by_country",
        "get_movie_director",
        "get_movie_rating",
        "get_price_by_amazon_ASIN",
        "get_product_name_by_amazon_ASIN",
        "get_rating_by_amazon_ASIN",
        "get_stock_history",
        "get_stock_price_by_stock_name",
        "get_time_zone_by_coord",
        "get_weather_data",
        "get_zipcode_by_ip_address",
        "retrieve_city_based_on_zipcode",
        "retrieve_holiday_by_year",
    }
)
"""Functions that ask a service: calls of them cannot be compared here."""
