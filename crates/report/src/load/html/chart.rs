//! One chart as inline SVG. Its colours are the page's: every element has a class instead of a colour, so that the page's
//! style decides, in light and in dark.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use quick_xml::escape::escape;

use crate::ReportError;

use super::axis::Axis;

/// The size of a chart, in the units of its own text: two fit next to each other on a page, one on a telephone.
const SIZE: (u32, u32) = (500, 270);
const TEXT_SIZE: u32 = 15;

/// What is drawn in a chart. The name of each is a class of the page's style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Grid,
    Axis,
    WarmUp,
    Forbidden,
    Limit,
    ResponseMedian,
    ResponseMiddle,
    ResponseHigh,
    ResponseHighest,
    ServiceMedian,
    ServiceHigh,
    Lateness,
    Due,
    Answered,
    WrongAnswer,
    Throttled,
    Refused,
    TimedOut,
    Broken,
    NotSent,
}

impl Ink {
    const ALL: [Self; 21] = [
        Self::Text,
        Self::Grid,
        Self::Axis,
        Self::WarmUp,
        Self::Forbidden,
        Self::Limit,
        Self::ResponseMedian,
        Self::ResponseMiddle,
        Self::ResponseHigh,
        Self::ResponseHighest,
        Self::ServiceMedian,
        Self::ServiceHigh,
        Self::Lateness,
        Self::Due,
        Self::Answered,
        Self::WrongAnswer,
        Self::Throttled,
        Self::Refused,
        Self::TimedOut,
        Self::Broken,
        Self::NotSent,
    ];

    /// Its class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Text => "ink-text",
            Self::Grid => "ink-grid",
            Self::Axis => "ink-axis",
            Self::WarmUp => "ink-warm-up",
            Self::Forbidden => "ink-forbidden",
            Self::Limit => "ink-limit",
            Self::ResponseMedian => "ink-response-median",
            Self::ResponseMiddle => "ink-response-middle",
            Self::ResponseHigh => "ink-response-high",
            Self::ResponseHighest => "ink-response-highest",
            Self::ServiceMedian => "ink-service-median",
            Self::ServiceHigh => "ink-service-high",
            Self::Lateness => "ink-lateness",
            Self::Due => "ink-due",
            Self::Answered => "ink-answered",
            Self::WrongAnswer => "ink-wrong-answer",
            Self::Throttled => "ink-throttled",
            Self::Refused => "ink-refused",
            Self::TimedOut => "ink-timed-out",
            Self::Broken => "ink-broken",
            Self::NotSent => "ink-not-sent",
        }
    }

    /// A placeholder colour until the drawing is done.
    fn stand_in(self) -> RGBColor {
        RGBColor(0xa5, 0x5a, self as u8)
    }
}

/// What is drawn.
pub(super) struct Drawing {
    /// Unique on the page.
    pub(super) id: String,
    /// What it shows, for those who hear it read.
    pub(super) title: String,
    /// The same in more words, with the numbers that matter.
    pub(super) description: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// The part of the x axis that is not judged.
    pub(super) warm_up: Option<(f64, f64)>,
    pub(super) lines: Vec<Line>,
    /// Limits, the leftmost first.
    pub(super) bounds: Vec<Bound>,
}

/// A line, in pieces where something is missing.
pub(super) struct Line {
    pub(super) ink: Ink,
    pub(super) pieces: Vec<Vec<(f64, f64)>>,
}

/// A limit: left of `x` no line may be above `y`.
pub(super) struct Bound {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) label: String,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Coordinates = Cartesian2d<Axis, Axis>;
type Context<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Coordinates>;

impl Drawing {
    /// The chart as an SVG element.
    pub(super) fn svg(&self) -> Result<String, ReportError> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            self.draw(&area).and_then(|()| area.present().map_err(failed))?;
        }
        Ok(self.dressed(&svg))
    }

    fn draw(&self, area: &Area<'_>) -> Result<(), ReportError> {
        let mut chart = ChartBuilder::on(area)
            .margin_top(12)
            .margin_right(32)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(self.x.clone(), self.y.clone())
            .map_err(failed)?;
        self.draw_grounds(&mut chart)?;
        self.draw_axes(&mut chart)?;
        for line in &self.lines {
            let style = line.ink.stand_in().stroke_width(2);
            let pieces = line.pieces.iter().map(|piece| PathElement::new(self.clipped(piece), style));
            chart.draw_series(pieces).map_err(failed)?;
        }
        self.draw_bounds(&mut chart)
    }

    /// What lies below everything: the warm-up, and where no line may be.
    fn draw_grounds(&self, chart: &mut Context<'_, '_>) -> Result<(), ReportError> {
        let mut rectangles = Vec::new();
        if let Some((from, to)) = self.warm_up {
            let corners = [(from, self.y.from), (to.min(self.x.to), self.y.to)];
            rectangles.push(Rectangle::new(corners, Ink::WarmUp.stand_in().filled()));
        }
        let mut left = self.x.from;
        for bound in &self.bounds {
            let corners = [(left, bound.y), (bound.x, self.y.to)];
            rectangles.push(Rectangle::new(corners, Ink::Forbidden.stand_in().filled()));
            left = bound.x;
        }
        chart.draw_series(rectangles).map(drop).map_err(failed)
    }

    fn draw_axes(&self, chart: &mut Context<'_, '_>) -> Result<(), ReportError> {
        let text = ("sans-serif", TEXT_SIZE).into_font().color(&Ink::Text.stand_in());
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(Ink::Grid.stand_in())
            .light_line_style(TRANSPARENT)
            .axis_style(Ink::Axis.stand_in())
            .label_style(text.clone())
            .axis_desc_style(text)
            .x_desc(self.x.title)
            .draw()
            .map_err(failed)
    }

    fn draw_bounds(&self, chart: &mut Context<'_, '_>) -> Result<(), ReportError> {
        let mut left = self.x.from;
        let font = ("sans-serif", TEXT_SIZE).into_font().color(&Ink::Limit.stand_in());
        for (index, bound) in self.bounds.iter().enumerate() {
            let style = Ink::Limit.stand_in().stroke_width(2);
            chart.draw_series([PathElement::new(vec![(left, bound.y), (bound.x, bound.y)], style)]).map_err(failed)?;
            // The first part is narrow: its text begins at its left end. Those of the others end at their right ends.
            let (at, anchor, shift) =
                if index == 0 && self.bounds.len() > 1 { (left, HPos::Left, 4) } else { (bound.x, HPos::Right, -3) };
            let font = font.clone().pos(Pos::new(anchor, VPos::Bottom));
            let text = EmptyElement::at((at, bound.y)) + Text::new(bound.label.clone(), (shift, -3), font);
            chart.draw_series([text]).map_err(failed)?;
            left = bound.x;
        }
        Ok(())
    }

    /// A line as far as it is within the axes.
    fn clipped(&self, piece: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let within = piece.iter().take_while(|(x, _)| *x <= self.x.to + 1e-9);
        within.map(|(x, y)| (*x, y.clamp(self.y.from, self.y.to))).collect()
    }

    /// The drawing with the page's classes in place of colours, and with a title.
    fn dressed(&self, svg: &str) -> String {
        let mut dressed = svg.to_owned();
        for ink in Ink::ALL {
            let RGBColor(red, green, blue) = ink.stand_in();
            for attribute in ["fill", "stroke"] {
                let colour = format!("{attribute}=\"#{red:02X}{green:02X}{blue:02X}\"");
                dressed = dressed.replace(&colour, &format!("class=\"{}\"", ink.class()));
            }
        }
        let (width, height) = SIZE;
        let head = format!(
            "<svg viewBox=\"0 0 {width} {height}\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-description\">\n<title id=\"{id}-title\">{}</title>\n\
             <desc id=\"{id}-description\">{}</desc>\n",
            escape(&self.title),
            escape(&self.description),
            id = self.id,
        );
        let content = dressed.split_once('>').map(|(_, content)| content).unwrap_or_default();
        head + content.trim_start()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[allow(clippy::cast_possible_truncation, reason = "a place on a chart")]
    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        (f64::from(from) + share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(position, _)| *position).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, position: &f64) -> String {
        let at = self.ticks.iter().find(|(tick, _)| (tick - position).abs() < 1e-9);
        at.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err passes it")]
fn failed(error: impl std::fmt::Display) -> ReportError {
    ReportError::Chart(error.to_string())
}
