//! Sample, assay, grade.

use super::yard::{Yard, announced, announcement, assay, code};
use crate::{
    areas,
    goods::{AnnounceDeposit, Event, NOT_GRADED, OwnershipClass, TakeSample},
    refusal::Code,
    registries::{self, AssayLimit, Grade, SetCommodity},
    testing::refused,
    vocabulary::{LotId, Ppm, Unit},
    wire::List,
};

fn grade_of(events: &[areas::Event]) -> &str {
    match events {
        [areas::Event::Goods(Event::LotGraded(event))] => event.grade.as_str(),
        other => panic!("no grade: {other:?}"),
    }
}

/// Grade 1 up to 12% moisture, grade 2 up to 15%, nothing above.
fn with_table(yard: &mut Yard) {
    let grade = |grade: &str, max| Grade {
        code: code(grade),
        limits: List::new(vec![AssayLimit { parameter: code("moisture_ppm"), min: 0, max }])
            .expect("one"),
    };
    let command = registries::Command::SetCommodity(SetCommodity {
        code: code("GARLIC"),
        name: "Garlic".parse().expect("a label"),
        unit: Unit::Gram,
        grades: List::new(vec![grade("1", 120_000), grade("2", 150_000)]).expect("two"),
        shrink_allowance_ppm: Ppm::new(20_000),
    });
    yard.world.say(yard.registrar, command).expect("accepted");
}

fn sample(lot: LotId, yard: &Yard) -> TakeSample {
    TakeSample { lot, sample: code("SEAL-1"), occurred_at_ms: yard.world.now }
}

#[test]
fn the_inspector_belongs_to_nobody_who_gains_by_the_grade() {
    for with in ["warehouse", "depositor"] {
        let mut yard = Yard::new();
        let lot = yard.weighed(1_000);
        let related = if with == "warehouse" { yard.warehouse } else { yard.cooperative };
        yard.relate(yard.inspector, related);
        let command = sample(lot, &yard);
        let refused_as = refused(yard.say(yard.inspector, command.into()));
        assert_eq!(refused_as, Code::InspectorNotIndependent, "{with}");
        let other = yard.world.party(41, &[crate::parties::Role::Inspector]);
        let command = sample(lot, &yard);
        yard.accept(other, command.into());
        yard.relate(yard.laboratory, related);
        let command = assay(lot, &[], None, &yard.world);
        let refused_as = refused(yard.say(yard.laboratory, command.into()));
        assert_eq!(refused_as, Code::InspectorNotIndependent, "{with}'s laboratory");
    }
}

#[test]
fn a_grade_is_derived_and_never_typed() {
    let mut yard = Yard::new();
    with_table(&mut yard);
    for (moisture, stated, expected) in [
        (120_000, None, Ok("1")),
        (120_001, None, Ok("2")),
        (150_000, Some("2"), Ok("2")),
        (150_000, Some("1"), Err(Code::GradeTableMismatch)),
        (150_001, None, Err(Code::GradeTableMismatch)),
    ] {
        let lot = yard.sampled(1_000);
        let command = assay(lot, &[("moisture_ppm", moisture)], stated, &yard.world);
        let result = yard.say(yard.laboratory, command.into());
        match expected {
            Ok(grade) => assert_eq!(grade_of(&result.expect("accepted")), grade),
            Err(code) => assert_eq!(refused(result), code, "{moisture} {stated:?}"),
        }
    }
}

#[test]
fn goods_stay_ungraded_when_their_depositor_wants_it() {
    let mut yard = Yard::new();
    let own = announcement(yard.warehouse, OwnershipClass::Own);
    let command = AnnounceDeposit { not_graded: true, ..own };
    let lot = announced(&yard.accept(yard.cooperative, command.into()));
    yard.bring(lot);
    yard.weigh(lot, 1_000);
    yard.sample(lot);
    let typed = assay(lot, &[], Some("A"), &yard.world);
    assert_eq!(refused(yard.say(yard.laboratory, typed.into())), Code::GradeTableMismatch);
    let command = assay(lot, &[], None, &yard.world);
    assert_eq!(grade_of(&yard.accept(yard.laboratory, command.into())), NOT_GRADED);
}

#[test]
fn sample_and_assay_come_in_their_turn() {
    let mut yard = Yard::new();
    let arrived = yard.arrived();
    let command = sample(arrived, &yard);
    assert_eq!(refused(yard.say(yard.inspector, command.into())), Code::InvalidState);
    let weighed = yard.weighed(1_000);
    let command = assay(weighed, &[], None, &yard.world);
    assert_eq!(refused(yard.say(yard.laboratory, command.into())), Code::InvalidState);
}
