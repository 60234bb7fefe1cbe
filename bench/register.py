"""How long files of the register take: 500 devices and 10,000, from the file to rows with history and audit trail.

    ./run bench register [rows]
"""

import asyncio
import datetime as dt
import random
import sys
import time

from ioc import data
from ioc.access.scope import EVERYTHING
from ioc.importing import Importing, Sender, count
from ioc.registration import lawful, sheet_csv, sheet_xlsx
from ioc.store.database import Database
