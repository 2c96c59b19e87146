"""What the sample records are made of."""

FIRST_NAMES = (
    "Barret", "Georgia", "Igor", "Jacelyn", "Lacey", "Nadine", "Noé", "Olena", "Sam", "Taras", "Yuki", "Zach",
)  # fmt: skip
LAST_NAMES = (
    "Barny", "Campbell", "Collier", "Garçon", "Idec", "Kovalenko", "Millard", "O'Neil", "Sato", "Shevchenko", "Whitehouse", "Ziegler",
)  # fmt: skip
JOBS = ("accountant", "cook", "engineer", "manager", "nurse", "secretary", "technical director")
COUNTRIES = ("Germany", "India", "Japan", "Poland", "Sweden", "Ukraine", "USA")
TAGS = ("chess", "garden", "jazz", "run", "sail", "ski")
CITIES = {
    "Bern": (7.4474, 46.948),
    "Kyiv": (30.5234, 50.4501),
    "Osaka": (135.5023, 34.6937),
    "Turin": (7.6869, 45.0703),
    "Ulm": (9.9934, 48.4011),
}
STREETS = ("Bridge Lane", "Church Road", "Market Street", "Station Road")
NOTICES = (
    ("Welcome", "Profiles are shown to whom their owners let in."),
    ("Opening hours", "Monday to Friday, 9 to 17."),
    ("Maintenance", "The service rests on Sunday from 2 to 3."),
)
