//! Names of goods: their form, and what they give away.

/// Words that goods are counted in.
const PIECES: [&str; 11] = ["个", "只", "头", "把", "盒", "袋", "箱", "条", "枚", "根", "棵"];

/// The name in normal form: without space around it, with full-width brackets.
pub(super) fn normalised(text: &str) -> String {
    text.trim().replace('(', "（").replace(')', "）")
}

/// Whether a bracket opens in a normalised name and doesn't close.
pub(super) fn has_open_bracket(name: &str) -> bool {
    name.matches('（').count() > name.matches('）').count()
}

/// Whether a normalised name says that the goods are sold by the piece: 向日葵/个, 白条鹌鹑（只）,
/// 羊腰子（挂油个）. A packing elsewhere in the name, as in 箱鸡蛋, says nothing of the price.
pub(super) fn says_by_the_piece(name: &str) -> bool {
    if let Some((_, unit)) = name.rsplit_once('/') {
        return PIECES.contains(&unit);
    }
    let Some(remark) = name.strip_suffix('）').and_then(|rest| rest.rsplit_once('（')) else {
        return false;
    };
    PIECES.iter().any(|piece| remark.1.ends_with(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_a_name_changes() {
        let table = [
            ("圆白菜(铁)", "圆白菜（铁）"),
            ("\u{3000}土豆 ", "土豆"),
            ("黄杏(金太阳）", "黄杏（金太阳）"),
            ("圆白菜（棚", "圆白菜（棚"),
            ("西胡芦（油）", "西胡芦（油）"),
            ("富士（纸袋Φ75<85）苹果", "富士（纸袋Φ75<85）苹果"),
        ];
        for (written, want) in table {
            let name = normalised(written);
            assert_eq!(name, want);
            assert_eq!(normalised(&name), name, "normal form is normal");
        }
        assert!(has_open_bracket("圆白菜（棚"));
        assert!(!has_open_bracket("圆白菜（铁）"));
    }

    #[test]
    fn goods_sold_by_the_piece_say_so_at_the_end_of_the_name() {
        let table = [
            ("向日葵/个", true),
            ("白条鹌鹑（只）", true),
            ("羊腰子（挂油个）", true),
            ("箱鸡蛋", false),
            ("箱装菠萝", false),
            ("白萝卜（棚", false),
            ("胡萝卜（洗）", false),
            ("无籽（小号-大号）西瓜", false),
            ("只", false),
        ];
        for (name, want) in table {
            assert_eq!(says_by_the_piece(name), want, "{name}");
        }
    }
}
