"""Promise 3 over HTTP: any permutation of a payment's life, with one event twice, ends equal, on both engines."""

import random

import model
import stripe_bodies

LIVES = 40
ONE_BY_ONE = 4


def roles(life):
    """The provider ids of one life, by what they are."""
    return {event["data"]["object"]["id"]: event["data"]["object"]["object"].upper() for event in life}


def shuffled(life, dice):
    order = list(range(len(life)))
    dice.shuffle(order)
    twice = dice.choice(order)
    order.insert(dice.randrange(len(order) + 1), twice)
    return order


def life_in_store(state, facts, life):
    names = roles(life)
    mine = {k: v for k, v in state.items() if any(name in k for name in names)}
    told = [fact for fact in facts if fact[1] in names]
    return model.rename(mine, names), sorted(map(tuple, model.rename(told, names)))


def test_permutations_of_a_life_end_equal(place, seed):
    dice = random.Random(seed)
    serve = place.serve()
    lives = [stripe_bodies.life_of_a_payment() for _ in range(LIVES + ONE_BY_ONE + 1)]
    with serve.client() as client:
        for event in lives[0]:  # as it happened
            assert client.post(event).status == 200
        for life in lives[1 : LIVES + 1]:
            for index in shuffled(life, dice):
                assert client.post(life[index]).status == 200
        for life in lives[LIVES + 1 :]:  # each event decided before the next one comes
            for index in shuffled(life, dice):
                assert client.post(life[index]).status == 200
                serve.wait_until_decided()
    serve.wait_until_decided()

    state, facts = model.state_of(place.store), model.facts_of(place.store)
    expected_state, expected_facts = life_in_store(state, facts, lives[0])
    assert {key.split()[0] for key in expected_state} == set(model.KINDS)
    for number, life in enumerate(lives[1:], 1):
        ours_state, ours_facts = life_in_store(state, facts, life)
        model.assert_equal(ours_state, expected_state, f"seed {seed}, life {number}")
        assert ours_facts == expected_facts, f"seed {seed}, life {number}"


def test_both_engines_end_equal(tmp_path, sqlite_store, postgres_store, seed):
    """The same lives, in another order on each engine."""
    from conftest import make_place

    lives = [stripe_bodies.life_of_a_payment() for _ in range(10)]
    events = [event for life in lives for event in life]
    found = []
    for number, store in enumerate((sqlite_store, postgres_store)):
        folder = tmp_path / store.name
        folder.mkdir()
        for place in make_place(folder, store):
            order = list(events)
            random.Random(seed + number).shuffle(order)
            serve = place.serve()
            assert {a.status for a in serve.post_all(order, connections=4)} == {200}
            serve.wait_until_decided()
            found.append((model.state_of(store), model.facts_of(store)))
            assert serve.stop() == 0
    model.assert_equal(found[0][0], found[1][0], f"seed {seed}, sqlite and postgresql")
    assert found[0][1] == found[1][1]


def test_a_stale_update_does_not_undo_a_newer_state(place):
    serve = place.serve()
    life = stripe_bodies.life_of_a_payment()
    intent = life[1]["data"]["object"]
    for event in life:
        assert serve.post(event).status == 200
    serve.wait_until_decided()  # several workers may take up what comes together in any order
    late = stripe_bodies.event("payment_intent.created", dict(intent, amount=1), stripe_bodies.START - 1)
    assert serve.post(late).status == 200
    serve.wait_until_decided()
    payments = place.store.rows("SELECT state, amount_minor FROM payment")
    assert payments == [{"state": "succeeded", "amount_minor": 4200}]
    statuses = place.store.rows(
        f"SELECT w.status FROM inbox_work w JOIN inbox_event e ON e.seq = w.seq WHERE e.event_id = '{late['id']}'"
    )
    assert statuses == [{"status": "stale"}]
