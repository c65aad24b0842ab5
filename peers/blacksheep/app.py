"""The article's Python server: GET /async sleeps 2 ms, GET /fibonacci computes; both answer "OK"."""

import asyncio

from blacksheep import Application, text

DELAY_S = 0.002
LARGEST_FIBONACCI = 100_000_000

app = Application()


def fibonacci_up_to(largest):
    numbers = []
    current, following = 1, 1
    while current <= largest:
        numbers.append(current)
        current, following = following, current + following
    return numbers


@app.router.get("/async")
async def wait_then_ok():
    await asyncio.sleep(DELAY_S)
    return text("OK")


@app.router.get("/fibonacci")
async def compute_then_ok():
    return text("OK" if fibonacci_up_to(LARGEST_FIBONACCI)[0] == 1 else "?")
