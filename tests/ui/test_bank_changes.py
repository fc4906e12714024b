"""The bank of a session: features are added, doubled, moved and taken away, and every change can be taken back."""

import pytest
from session import Session

from ui import state
from ui.experiment import MOST_FEATURES, OWN, Experiment, Feature, Place

FIRST, SECOND, THIRD = Feature("box", name="a mean"), Feature("luma", bias=2.0), Feature(OWN, (((1.0,),),))
BANK = (FIRST, SECOND, THIRD)


@pytest.fixture
def session():
    fresh = Session()
    fresh.run(lambda: state.change(features=BANK, place=Place(2, 3, 1)))
    assert fresh.experiment.features == BANK
    return fresh


def bank(session):
    return session.experiment.features


def shown(session):
    return session.ask(state.chosen)


@pytest.mark.parametrize("index", range(4))
def test_a_feature_is_added_where_it_is_wanted_and_shown(session, index):
    session.run(lambda: state.add_feature(Feature("emboss"), index))
    assert bank(session) == (*BANK[:index], Feature("emboss"), *BANK[index:])
    assert shown(session) == (index, Feature("emboss"))
    assert session.experiment.place[:2] == (2, 3)


def test_a_full_bank_takes_no_more_and_says_so(session):
    session.run(lambda: state.replace_bank((FIRST,) * MOST_FEATURES))
    (said,) = session.run(lambda: state.add_feature(SECOND, 0))
    assert "1 to 16 features, got 17" in said
    assert bank(session) == (FIRST,) * MOST_FEATURES


@pytest.mark.parametrize(("index", "then"), [(0, 0), (1, 1), (2, 1)])
def test_a_deleted_feature_leaves_the_others_and_the_shown_one_where_it_can(session, index, then):
    assert session.run(lambda: state.delete_feature(index)) == []
    assert bank(session) == BANK[:index] + BANK[index + 1 :]
    assert shown(session)[0] == then


def test_the_last_feature_stays_and_the_person_is_told(session):
    session.run(lambda: state.replace_bank((SECOND,)))
    (said,) = session.run(lambda: state.delete_feature(0))
    assert "at least one feature" in said
    assert bank(session) == (SECOND,)


@pytest.mark.parametrize(
    ("index", "to", "order"), [(0, 2, (1, 2, 0)), (2, 0, (2, 0, 1)), (1, 2, (0, 2, 1)), (1, 1, (0, 1, 2))]
)
def test_a_moved_feature_takes_its_bias_and_name_along_and_is_shown(session, index, to, order):
    session.run(lambda: state.move_feature(index, to))
    assert bank(session) == tuple(BANK[number] for number in order)
    assert shown(session) == (to, BANK[index])


@pytest.mark.parametrize("to", [-1, 3])
def test_a_feature_is_not_moved_out_of_the_bank(session, to):
    session.run(lambda: state.move_feature(1, to))
    assert bank(session) == BANK


def test_undo_goes_back_step_by_step_and_redo_forth_again(session):
    banks = [bank(session)]
    for act in (
        lambda: state.change_feature(0, bias=5.0),
        lambda: state.delete_feature(1),
        lambda: state.replace_bank((THIRD,)),
    ):
        session.run(act)
        banks.append(bank(session))
    for before in reversed(banks[:-1]):
        session.run(state.undo)
        assert bank(session) == before
    for after in banks[1:]:
        session.run(state.redo)
        assert bank(session) == after
    assert not session.ask(state.can_redo)


def test_a_new_change_ends_what_could_be_redone(session):
    session.run(lambda: state.delete_feature(0))
    session.run(state.undo)
    assert session.ask(state.can_redo)
    session.run(lambda: state.change_feature(0, name="another"))
    assert not session.ask(state.can_redo)


def test_what_is_no_change_of_the_bank_is_not_taken_back():
    session = Session()
    session.run(lambda: state.change(size=64, flip=True))
    session.run(lambda: state.replace_bank(Experiment().features))
    assert not session.ask(state.can_undo)
    session.run(state.undo)
    assert session.experiment == Experiment(size=64, flip=True)


def test_undo_leaves_the_picture_and_the_plan_alone(session):
    session.run(lambda: state.delete_feature(2))
    session.run(lambda: state.change(size=16, picture="cat"))
    session.run(state.undo)
    assert session.experiment == Experiment(size=16, picture="cat", features=BANK, place=Place(2, 3, 1))


def test_a_hundred_changes_can_be_taken_back_and_no_more_are_kept(session):
    def change_often():
        for number in range(150):
            state.change_feature(0, bias=float(number))

    session.run(change_often)

    def take_all_back():
        count = 0
        while state.can_undo():
            state.undo()
            count += 1
        return count

    assert session.ask(take_all_back) == 100
    assert bank(session)[0].bias == 49.0


def test_the_revision_is_another_one_after_each_change_of_the_bank_and_only_then(session):
    first = session.ask(state.bank_revision)
    session.run(lambda: state.change(size=64))
    assert session.ask(state.bank_revision) == first
    session.run(lambda: state.change_feature(0, bias=1.5))
    second = session.ask(state.bank_revision)
    assert second != first
    session.run(state.undo)
    assert session.ask(state.bank_revision) not in (first, second)


def test_what_a_bank_is_replaced_by_is_checked(session):
    (said,) = session.run(lambda: state.replace_bank(()))
    assert "1 to 16 features, got 0" in said
    assert bank(session) == BANK


def test_names_are_in_the_address_and_come_back(session):
    session.run(lambda: state.change_feature(2, name="Käse & Brot?"))
    fresh = Session(session.address)
    fresh.run()
    assert [feature.name for feature in bank(fresh)] == ["a mean", "", "Käse & Brot?"]
