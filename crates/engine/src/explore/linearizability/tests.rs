use super::*;

fn write(sent: u64, answered: u64, value: &str) -> Interval {
    Interval { sent, answered: Some(answered), call: RegisterCall::Write(Some(value.to_owned())) }
}

fn read(sent: u64, answered: u64, value: &str) -> Interval {
    Interval { sent, answered: Some(answered), call: RegisterCall::Read(Some(value.to_owned())) }
}

fn sees_nothing(sent: u64, answered: u64) -> Interval {
    Interval { sent, answered: Some(answered), call: RegisterCall::Read(None) }
}

fn removal(sent: u64, answered: u64) -> Interval {
    Interval { sent, answered: Some(answered), call: RegisterCall::Write(None) }
}

fn judged(history: &[Interval]) -> Linearizability {
    judge_history(None, history)
}

#[test]
fn calls_one_after_another_show_what_was_written_last() {
    assert_eq!(
        judged(&[write(0, 1, "a"), read(2, 3, "a"), removal(4, 5), sees_nothing(6, 7)]),
        Linearizability::Linearizable
    );
}

#[test]
fn a_list_that_lacks_what_was_created_before_is_stale() {
    assert_eq!(judged(&[write(0, 1, "there"), sees_nothing(2, 3)]), Linearizability::Violated);
}

#[test]
fn while_a_write_is_under_way_both_values_may_show() {
    assert_eq!(
        judged(&[write(0, 1, "a"), write(2, 10, "b"), read(3, 4, "a"), read(5, 6, "b")]),
        Linearizability::Linearizable
    );
    assert_eq!(
        judged(&[write(0, 1, "a"), write(2, 10, "b"), read(3, 4, "b"), read(5, 6, "a")]),
        Linearizability::Violated
    );
}

#[test]
fn an_update_that_is_lost_shows() {
    let history = [write(0, 1, "a"), write(2, 5, "b"), write(3, 6, "c"), read(7, 8, "a")];
    assert_eq!(judged(&history), Linearizability::Violated);
    let history = [write(0, 1, "a"), write(2, 5, "b"), write(3, 6, "c"), read(7, 8, "b"), read(9, 10, "c")];
    assert_eq!(judged(&history), Linearizability::Violated);
}

#[test]
fn a_write_without_an_answer_may_take_effect_late_or_never() {
    let lost = Interval { sent: 2, answered: None, call: RegisterCall::Write(Some("b".to_owned())) };
    assert_eq!(judged(&[write(0, 1, "a"), lost.clone(), read(5, 6, "a")]), Linearizability::Linearizable);
    assert_eq!(
        judged(&[write(0, 1, "a"), lost.clone(), read(5, 6, "a"), read(7, 8, "b")]),
        Linearizability::Linearizable
    );
    assert_eq!(judged(&[write(0, 1, "a"), lost, read(5, 6, "b"), read(7, 8, "a")]), Linearizability::Violated);
}

/// Four users write and read one value, 10,000 calls; the time that this takes is a matter of `benches/`.
#[test]
fn a_long_history_is_judged_call_by_call() {
    let mut history = Vec::new();
    for round in 0..2_500_u64 {
        let (start, value) = (round * 100, format!("v{round}"));
        history.push(write(start, start + 40, &value));
        history.push(read(start + 50, start + 70, &value));
        history.push(read(start + 55, start + 80, &value));
        history.push(read(start + 60, start + 90, &value));
    }
    assert_eq!(judged(&history), Linearizability::Linearizable);
    history.push(read(249_995, 249_999, "v7"));
    assert_eq!(judged(&history), Linearizability::Violated);
}
