//! Invented prices of a few vegetables, with one market falling steeply.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::random::Random;
use crate::xinfadi::COLUMNS;

/// First day of every price sample.
const FIRST_DAY: Date = date(2025, 3, 1);

/// Name, spec, and average price on the first day in fen per 斤.
const GOODS: [(&str, &str, u64); 7] = [
    ("大蒜", "普通", 420),
    ("姜", "普通", 510),
    ("土豆", "普通", 115),
    ("红皮葱头", "普通", 96),
    ("胡萝卜（洗）", "普通", 104),
    ("大白菜", "普通", 58),
    ("空心菜", "水菜", 185),
];

/// The market that falls: garlic keeps in a warehouse, so banks lend against it.
const FALLING: &str = "大蒜";

/// Days the fall takes, from the middle of the sample on. At about 4% a day the price loses
/// between 45% and 55%: a loan at 60% of the value then exceeds the value.
const FALL_DAYS: u16 = 16;

/// One row in so many is defective.
const DEFECT_EVERY: usize = 29;

/// `days` days of prices in the form of [`xinfadi`](crate::xinfadi), with defects of each kind the
/// real file has.
pub fn prices(seed: u64, days: u16) -> String {
    let mut random = Random::new(seed);
    let mut averages = GOODS.map(|(_, _, fen)| fen);
    let mut file = COLUMNS.join(",") + "\n";
    let mut count = 0;
    for day in 0..days {
        let falling = (days / 2..days / 2 + FALL_DAYS).contains(&day);
        for (average, (name, spec, _)) in averages.iter_mut().zip(GOODS) {
            let per_mille = match falling && name == FALLING {
                true => random.between(952, 966),
                false => random.between(985, 1_016),
            };
            *average = (*average * per_mille / 1_000).max(20);
            let spread = random.between(*average / 20, *average / 6);
            let quote = Quote {
                name,
                spec,
                lowest: *average - spread / 2,
                highest: *average - spread / 2 + spread,
                day: FIRST_DAY.saturating_add(i64::from(day).days()),
            };
            let defect = match count % DEFECT_EVERY {
                11 => DEFECTS[count / DEFECT_EVERY % DEFECTS.len()],
                _ => Quote::sound,
            };
            file.push_str(&defect(&quote));
            count += 1;
        }
    }
    file
}

struct Quote {
    name: &'static str,
    spec: &'static str,
    /// Fen per 斤.
    lowest: u64,
    highest: u64,
    day: Date,
}

/// The ways a quote goes wrong, in turn.
const DEFECTS: [fn(&Quote) -> String; 10] = [
    Quote::not_traded,
    Quote::reversed,
    Quote::twice,
    Quote::unit_in_number,
    Quote::average_left_out,
    Quote::brackets_and_spaces,
    Quote::two_prices,
    Quote::average_outside,
    Quote::by_the_box,
    Quote::by_the_piece,
];

impl Quote {
    fn sound(&self) -> String {
        self.line(self.name, self.lowest, self.highest)
    }

    fn not_traded(&self) -> String {
        self.line(self.name, 0, 0)
    }

    fn reversed(&self) -> String {
        self.line(self.name, self.highest, self.lowest)
    }

    fn twice(&self) -> String {
        self.sound() + &self.sound()
    }

    fn two_prices(&self) -> String {
        self.sound() + &self.line(self.name, self.lowest + 20, self.highest + 20)
    }

    fn unit_in_number(&self) -> String {
        let lowest = yuan(self.lowest * 10);
        self.sound().replacen(&format!(",{lowest},"), &format!(",{lowest}（个）,"), 1)
    }

    fn average_left_out(&self) -> String {
        let Self { name, spec, day, .. } = self;
        let (lowest, highest) = (yuan(self.lowest * 10), yuan(self.highest * 10));
        format!("{name},{lowest},0,{highest},{spec},斤,{day}\n")
    }

    fn average_outside(&self) -> String {
        let Self { name, spec, day, .. } = self;
        let (lowest, highest) = (yuan(self.lowest * 10), yuan(self.highest * 10));
        let average = yuan(self.highest * 10 + 500);
        format!("{name},{lowest},{average},{highest},{spec},斤,{day}\n")
    }

    fn brackets_and_spaces(&self) -> String {
        let name = format!(" {}(本地) ", self.name);
        self.line(&name, self.lowest, self.highest)
    }

    fn by_the_box(&self) -> String {
        self.sound().replacen(",斤,", ",箱,", 1)
    }

    fn by_the_piece(&self) -> String {
        self.line(&format!("{}/个", self.name), self.lowest, self.highest)
    }

    fn line(&self, name: &str, lowest: u64, highest: u64) -> String {
        let Self { spec, day, .. } = self;
        // Tenths of a fen: the average of two prices may end in half a fen.
        let average = (lowest + highest) * 5;
        let [lowest, average, highest] = [lowest * 10, average, highest * 10].map(yuan);
        format!("{name},{lowest},{average},{highest},{spec},斤,{day}\n")
    }
}

/// Tenths of a fen as the market writes yuan: without zeros at the end.
fn yuan(tenths: u64) -> String {
    let text = format!("{}.{:03}", tenths / 1_000, tenths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
