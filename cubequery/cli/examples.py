"""What the help of each command shows: examples, and what they need."""

DOES = "Custom objects: requests translated, explained, or run over records; existing records taken over."
CODES = "exit codes: 0 done, 1 the request, or some record, is refused, 2 wrong arguments or files, 3 the database or the program failed"
TRANSLATE = """\
example:
  cubequery translate --classes classes.json --class profile --actor '{"user_id": 1, "groups": ["staff"]}' \\
      'age[gt]=28&sort_desc=full_name'
  cubequery translate --classes classes.json --class profile --actor '{"user_id": 1}' --update '{"inc": {"age": 1}}'
"""
EXPLAIN = """\
example:
  cubequery explain --classes classes.json --class profile --actor '{"user_id": null}' 'tags[all]=jazz,chess&limit=5'
"""
QUERY = """\
examples:
  cubequery query --demo 'age[gt]=28&sort_desc=full_name'
  cubequery query --demo --actor '{"user_id": 70000}' 'rating[calc]=avg&group_by=job'
  cubequery query --classes classes.json --class profile --actor '{"admin": true}' --records profiles.jsonl 'count=1'
  cubequery query --classes classes.json --class profile --actor '{"user_id": 1}' \\
      --mongodb mongodb://localhost:27017 --database app 'job[ctn]=engineer&limit=5'

Records are documents in the stored form, one a line, as mongoexport writes them: ids as {"$oid": ".."}, dates as {"$date": ".."},
rights in the arrays _read, _update and _delete. A record without these arrays is read by an admin only.
"""
SERVE = """\
examples:
  cubequery serve --demo
  cubequery serve --demo --dialect cubicl
  cubequery serve --classes classes.json --actors actors.json --data records.jsonl --cors https://app.example
  cubequery serve --classes classes.json --actors actors.json --mongodb mongodb://localhost:27017 --database app --workers 4

The file of --actors says whose each token is: {"a token": {"user_id": 1, "groups": ["a"], "admin": false}}; {"user_id": null} is an
anonymous session. It is read again when it changes. Clients send a token as CB-Token, QB-Token or Authorization: Bearer.
"""
ADOPT = """\
examples:
  cubequery adopt --classes classes.json --class order --mongodb mongodb://localhost:27017 --database shop \\
      --owner customerId --shared sharedWith --dry-run
  cubequery adopt --classes classes.json --class order --data shop.jsonl

Records that lack them get their token arrays: the shared users may do the shared actions, the owner everything, others what the class
says for new records. Nothing else of a record changes, and rights that are there stay. Run it again after an interruption.
"""
AUDIT = """\
example:
  cubequery audit --classes classes.json --class order --mongodb mongodb://localhost:27017 --database shop --collection orders

Counts values of other types, stored nulls, undeclared names, rights that are missing or do not agree, lost files. It never writes.
"""
IMPORT = """\
examples:
  cubequery import profiles.jsonl --classes classes.json --class profile --data app.jsonl --owner 47592
  cubequery import export.jsonl --keep --classes classes.json --mongodb mongodb://localhost:27017 --database app

A line is a record in the form of the API's answers. A line that was stored before, from a file of this name, is not stored again:
correct the refused lines in their places and import the file once more.
"""
