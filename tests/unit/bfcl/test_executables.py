"""Executable questions: what answers come to is compared; nothing of a model's text is run."""

import json
import math

import pytest

from tests.unit.bfcl.asked import function, question
from xlam_backend.bfcl.decoding.python_calls import read_python_calls
from xlam_backend.bfcl.executables import NeedsNetworkError
from xlam_backend.bfcl.local_functions import LOCAL_FUNCTIONS, NETWORK_FUNCTIONS
from xlam_backend.bfcl.scoring import score_item

F = function("math_gcd", a="integer", b="integer")
RIGHT = ["math_gcd(a=12, b=18)"]
FAILED = "executable_checker:execution_error"


def error_of(category, right, output):
    return score_item(question(category, F, right), output).error_type


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("calculate_triangle_area(base=3, height=4)", 6),
        ("get_distance(pointA=(0, 0), pointB=(3, 4))", 5),
        ("math_factorial(n=5)", 120),
        ("quadratic_roots(a=1, b=-3, c=2)", [2, 1]),
        ("geometry_area_circle(radius=2)", math.pi * 4),
        ("get_prime_factors(number=360)", [2, 2, 2, 3, 3, 5]),
        ("get_prime_factors(number=97)", [97]),
        ("math_gcd(a=12, b=18)", 6),
        ("math_lcm(a=4, b=6)", 12),
        ("calculate_final_velocity(initial_velocity=1, acceleration=2, time=3)", 7),
        ("calculate_displacement(initial_velocity=1, acceleration=2, time=3)", 12),
        ("calculate_electrostatic_potential_energy(charge=2, voltage=3)", 6),
        ("calculate_density(mass=6, volume=3)", 2),
        ("mat_mul(matA=[[1, 2], [3, 4]], matB=[[0, 1], [1, 0]])", [[2, 1], [4, 3]]),
        ("calculate_mean(numbers=[1, 2, 6])", 3),
        ("calculate_standard_deviation(numbers=[1, 3])", 1),
        ("calc_binomial_probability(n=2, k=1, p=0.5)", 0.5),
        ("calculate_permutations(n=5, k=2)", 20),
        ("get_fibonacci_sequence(n=6)", [0, 1, 1, 2, 3, 5]),
        ("get_fibonacci_number(n=5)", 5),
        ("calculate_cosine_similarity(vectorA=[1, 0], vectorB=[1, 0])", 1),
        (
            "mortgage_calculator(loan_amount=1200, interest_rate=0.12, loan_period=1)",
            pytest.approx(106.62, abs=0.01),
        ),
        ("calculate_future_value(present_value=100, interest_rate=10, periods=2)", pytest.approx(121)),
        ("sort_array(array=[2, 1])", [1, 2]),
        ("sort_array(array=[1, 2], reverse=True)", [2, 1]),
        ("linear_regression(x=[1, 2], y=[2, 4], point=3)", 6),
        ("add_binary_numbers(a='101', b='1')", "110"),
        ("maxPoints(points=[[1, 1], [2, 2], [3, 3], [0, 5]])", 3),
        ("maxPoints(points=[[1, 1]])", 1),
        ("order_food(item=['soda', 'cake'], quantity=[2, 1], price=[3, 4])", 10),
        ("polygon_area(vertices=[[0, 0], [2, 0], [2, 2], [0, 2]])", 4),
        ("estimate_derivative(function='lambda x: x**2', x=5)", pytest.approx(10, abs=0.001)),
    ],
)
def test_a_function_calculates(call, result):
    [(name, arguments)] = read_python_calls(call)[0].items()
    assert LOCAL_FUNCTIONS[name].call(arguments) == result


def test_investments_needs_and_rooms():
    value = LOCAL_FUNCTIONS["calculate_investment_value"]
    given = {
        "initial_investment": 100,
        "annual_contribution": 10,
        "years": 2,
        "annual_return": 0.1,
        "inflation_rate": [0, 0],
    }
    assert value.call(given) == value.call({**given, "adjust_for_inflation": False}) == pytest.approx(142)
    needs = LOCAL_FUNCTIONS["calculate_nutritional_needs"]
    person = {"weight": 70, "height": 175, "age": 30, "gender": "male", "activity_level": 1}
    differs = [needs.call({**person, "goal": goal})["calories"] for goal in ("lose", "maintain", "gain")]
    assert differs[1] - differs[0] == pytest.approx(500)
    assert differs[2] - differs[1] == pytest.approx(500)
    room = dict.fromkeys(("room_type", "check_in_date", "check_out_date", "customer_id"), "x")
    booked = LOCAL_FUNCTIONS["book_room"].call({**room, "price": 100, "discount_code": "DISCOUNT10"})
    assert booked["total_price"] == 90


def test_other_values_that_come_to_the_same_are_right():
    assert error_of("exec_simple", ["math_gcd(a=12, b=18)"], "[math_gcd(a=18, b=12)]") == ""
    assert (
        error_of("exec_simple", ["math_gcd(a=12, b=18)"], "[math_gcd(a=12, b=16)]")
        == "executable_checker:wrong_result"
    )


@pytest.mark.parametrize(
    "given", ["math_gcd(a=12)", "math_gcd(a=12, b=18, c=1)", "math_gcd(a='x', b=1)", "made_up(a=1)"]
)
def test_what_cannot_be_worked_out_is_an_error(given):
    assert (
        error_of("exec_simple", ["math_gcd(a=12, b=18)"], f"[{given}]")
        == "executable_checker:execution_error"
    )


def test_counts_and_forms():
    right = [*RIGHT, "math_gcd(a=4, b=6)"]
    assert error_of("exec_parallel", right, "[math_gcd(a=4, b=6), math_gcd(a=12, b=18)]") == ""
    assert error_of("exec_parallel", right, "[math_gcd(a=4, b=6)]") == "value_error:exec_result_count"
    swapped = error_of("exec_parallel", right, "[math_gcd(a=4, b=6), math_gcd(a=5, b=5)]")
    assert swapped == "executable_checker:cannot_find_match"
    assert (
        error_of("exec_simple", right[:1], "[math_gcd(a=1, b=1), math_gcd(a=1, b=1)]")
        == "simple_exec_checker:wrong_count"
    )
    assert error_of("exec_simple", right[:1], "[]") == "executable_decoder:wrong_output_format"
    assert error_of("exec_simple", right[:1], "in words") == "executable_decoder:decoder_failed"


def test_what_calls_a_service_is_not_scored():
    asked = question("exec_simple", F, ["get_weather_data(coordinates=[1, 2])"])
    with pytest.raises(NeedsNetworkError):
        score_item(asked, "[get_weather_data(coordinates=[1, 2])]")
    assert score_item(asked, "in words").error_type == "executable_decoder:decoder_failed"


@pytest.mark.parametrize(
    "function_text",
    [
        "__import__('os')",
        "lambda x: __import__('os')",
        "lambda x: x.real",
        "lambda x, y: x",
        "lambda x: open('f')",
        "3x",
        "x",
    ],
)
def test_a_function_given_as_text_is_not_run(function_text):
    output = f"[estimate_derivative(function={json.dumps(function_text)}, x=1)]"
    right = ["estimate_derivative(function='lambda x: x**2', x=1)"]
    assert error_of("exec_simple", right, output) == FAILED


@pytest.mark.parametrize(
    "call",
    ["math_factorial(n=10**9)", "get_fibonacci_sequence(n=10**9)", "get_prime_factors(number=2**89 - 1)"],
)
def test_what_would_take_ages_is_refused(call):
    assert (
        error_of("exec_simple", ["math_gcd(a=1, b=1)"], f"[{call}]") == "executable_checker:execution_error"
    )


def test_no_function_is_both_worked_out_and_asked_of_a_service():
    assert not NETWORK_FUNCTIONS & LOCAL_FUNCTIONS.keys()
