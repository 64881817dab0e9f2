"""Parses Logstash pipeline files, in the order of their names, and prints them as JSON."""
import json
import sys
from pathlib import Path

from logstash_pipeline_parser import Pipeline

text = "\n".join(Path(name).read_text() for name in sys.argv[1:])
print(json.dumps(Pipeline(text).parse(), default=str))
