"""The demo centre: a town made from a seed, as files that its billing would send.

`generate` writes the files of the first start, `close_month` those of a month that ended.
"""

from local.demo.generator import MONTHS, Demo, generate
from local.demo.month import close_month

__all__ = ["MONTHS", "Demo", "close_month", "generate"]
