"""Validates documents against a JSON Schema.

    subject_schema.py SCHEMA.json DOCUMENT.json...

Says each fault with its place and ends with 1 if there is any, or if the schema itself is none.
"""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1], encoding="utf-8"))
validator = jsonschema.Draft202012Validator
validator.check_schema(schema)
check = validator(schema, format_checker=validator.FORMAT_CHECKER)
faults = 0
for path in sys.argv[2:]:
    for fault in check.iter_errors(json.load(open(path, encoding="utf-8"))):
        faults += 1
        print(f"{path} {fault.json_path}: {fault.message}")
sys.exit(1 if faults else 0)
