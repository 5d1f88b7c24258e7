use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn lines_are_folded_and_unfold_to_what_was_written(value in "[ -~äöü漢😀]{0,400}") {
        let mut lines = Lines::default();
        lines.put("SUMMARY", &text(&value));
        prop_assert!(lines.0.ends_with("\r\n"));
        prop_assert!(lines.0.split("\r\n").all(|line| line.len() <= LONGEST));
        let unfolded = lines.0.replace("\r\n ", "").replace("\r\n", "");
        let plain = unfolded.replace("\\\\", "\u{0}").replace("\\;", ";").replace("\\,", ",").replace('\u{0}', "\\");
        prop_assert_eq!(plain, format!("SUMMARY:{value}"));
    }

    #[test]
    fn no_text_starts_a_line_of_its_own(value in "\\PC*[\r\n;,\\\\]{0,3}\\PC*") {
        let mut lines = Lines::default();
        lines.put("SUMMARY", &text(&value));
        prop_assert!(lines.0.split("\r\n").skip(1).all(|line| line.is_empty() || line.starts_with(' ')));
        prop_assert!(!lines.0.replace("\r\n", "").contains(['\r', '\n']));
    }
}

#[test]
fn a_name_is_the_same_wherever_it_is_made() {
    assert_eq!(uid("window|saas/monday|fleet file"), uid("window|saas/monday|fleet file"));
    assert_ne!(uid("a"), uid("b"));
    assert!(uid("a").ends_with("@quarterdeck"));
}
