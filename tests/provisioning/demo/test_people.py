"""The demo's households are ones that the form takes, and each is another."""

from datetime import date

from localservices.registration import forms
from provisioning.demo.people import Sample

TODAY = date(2026, 11, 23)


def test_the_form_takes_every_sample_household() -> None:
    for number in range(200):
        household = forms.read_household(Sample(number).fields(), "Олена Коваль", TODAY)
        assert household.consent
        assert household.phone is not None


def test_the_ten_that_a_demo_begins_with_all_differ() -> None:
    fields = [tuple(sorted(Sample(number).fields().items())) for number in range(10)]
    assert len(set(fields)) == 10


def test_a_number_is_always_the_same_household() -> None:
    assert Sample(7).fields() == Sample(7).fields()
