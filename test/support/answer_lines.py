"""Answers lines of JSON, each a command and its arguments, with lines of JSON, by the COMMANDS of a Python file.

Usage: python answer_lines.py FILE
"""

import json
import runpy
import sys

commands = runpy.run_path(sys.argv[1])["COMMANDS"]
for line in sys.stdin:
    command, *arguments = json.loads(line)
    print(json.dumps(commands[command](*arguments)), flush=True)
