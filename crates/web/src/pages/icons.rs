//! The line icons, drawn for this house on a grid of 24; all hidden from screen readers, so words must stand beside them.

/// The icon as SVG; an unknown name is a dot (and is found by a test).
pub fn icon(name: &str) -> String {
    let shape = shape(name).unwrap_or("<circle cx='12' cy='12' r='2'/>");
    format!(
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\">{shape}</svg>"
    )
}

/// The seal of the house, the syllable 낙 cut into a square of 40.
pub fn seal() -> &'static str {
    "<svg class=\"seal-mark\" viewBox=\"0 0 40 40\" aria-hidden=\"true\" focusable=\"false\">\
     <path class=\"seal-field\" d=\"M5 2.6 20 2l15.2.8 2.3 2.4L38 20l-.7 15-2.2 2.3L20 38l-15.3-.6L2.5 35 2 20l.6-15z\"/>\
     <path class=\"seal-cut\" d=\"M9.5 8v10.5h11M26.5 7v14M26.5 13.5h5.5M9.5 26h20.5v7.5\"/></svg>"
}

/// The stamp of a sale, 낙찰 in a frame of 120 by 72.
pub fn stamp() -> &'static str {
    "<svg class=\"stamp-mark\" viewBox=\"0 0 120 72\" aria-hidden=\"true\" focusable=\"false\">\
     <path class=\"stamp-frame\" d=\"M7 4.5 60 4l53 .8 3 3.2.4 28-.7 28-3 3.4L60 68l-53-.6L4 64l-.5-28L4 8z\"/>\
     <path class=\"stamp-line\" d=\"M10.5 10h99v52h-99z\"/>\
     <path class=\"stamp-cut\" d=\"M19.5 19v15.5h16M44 17v23.5M44 28h7.5M19.5 46h28.5v11\"/>\
     <path class=\"stamp-cut\" d=\"M70.5 17h10M66 23h19.5M76 23.5l-9.5 11.5M76 24.5l9 10.5M93.5 17v21M93.5 27.5h8M67 43h27.5v5.2H67v7.3h29\"/></svg>"
}

fn shape(name: &str) -> Option<&'static str> {
    let shape = match name {
        "home" => "<path d='M4 11.2 12 4.5l8 6.7V19.5h-5.5v-5h-5v5H4z'/>",
        "search" => "<circle cx='10.8' cy='10.8' r='6'/><path d='m15.4 15.4 4.6 4.6'/>",
        "plus" => "<path d='M12 5v14M5 12h14'/>",
        "hammer" => {
            "<path d='m9.2 5.2 5.6 5.6M6.4 8l5.6 5.6M7.8 6.6l2.2 2.2M10.5 12.1l3.7-3.7M13.2 11.8 19.5 18M4.5 20h8.5'/>"
        }
        "bell" => "<path d='M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.8H5zM10 20.5h4'/>",
        "pin" => {
            "<path d='M12 20.5c-3.8-4-5.7-7-5.7-9.7a5.7 5.7 0 0 1 11.4 0c0 2.7-1.9 5.7-5.7 9.7z'/><circle cx='12' cy='10.8' r='2'/>"
        }
        "down" => "<path d='m7 10 5 5 5-5'/>",
        "next" => "<path d='m10 6 6 6-6 6'/>",
        "back" => "<path d='m14.5 5-7 7 7 7'/>",
        "share" => "<path d='M12 14.5V4M8 7.5 12 3.5l4 4M6 12H5v8.5h14V12h-1'/>",
        "clock" => "<circle cx='12' cy='12' r='7.5'/><path d='M12 7.8V12l2.8 1.8'/>",
        "calendar" => "<path d='M5 6.5h14v13H5zM5 10.5h14M9 4v4M15 4v4'/>",
        "check" => "<path d='m5.5 12.5 4.3 4.3 8.7-9.3'/>",
        "overtaken" => "<path d='M12 19V6M6.5 11 12 5.5l5.5 5.5M5 21h14'/>",
        "seal" => "<path d='M5 5.2 12 5l7 .2.2 6.8-.2 7-7 .2-7-.2-.2-7zM8.5 8.5v4.5h4M15 8v7M15 11.5h1.8'/>",
        "minus" => "<path d='M6 12h12'/>",
        "close" => "<path d='m6.5 6.5 11 11M17.5 6.5l-11 11'/>",
        "eye" => {
            "<path d='M3.5 12c2.3-3.9 5.1-5.8 8.5-5.8s6.2 1.9 8.5 5.8c-2.3 3.9-5.1 5.8-8.5 5.8S5.8 15.9 3.5 12z'/><circle cx='12' cy='12' r='2.5'/>"
        }
        "heart" => {
            "<path d='M12 19.5C7.2 15.9 4.5 13 4.5 9.8a3.9 3.9 0 0 1 7.5-1.5 3.9 3.9 0 0 1 7.5 1.5c0 3.2-2.7 6.1-7.5 9.7z'/>"
        }
        "wallet" => {
            "<path d='M4.5 7.5h15v11.5h-15zM4.5 7.5 15.5 4.5v3M19.5 11.5h-4.2a1.8 1.8 0 0 0 0 3.6h4.2'/>"
        }
        "person" => {
            "<circle cx='12' cy='8.5' r='3.7'/><path d='M4.8 20c.8-4 3.3-5.8 7.2-5.8s6.4 1.8 7.2 5.8'/>"
        }
        "lock" => "<path d='M6 11h12v8.5H6zM8.5 11V8.5a3.5 3.5 0 0 1 7 0V11'/>",
        "globe" => {
            "<circle cx='12' cy='12' r='7.7'/><path d='M4.3 12h15.4M12 4.3c2.2 2.3 3.2 4.8 3.2 7.7s-1 5.4-3.2 7.7c-2.2-2.3-3.2-4.8-3.2-7.7s1-5.4 3.2-7.7z'/>"
        }
        "filter" => {
            "<path d='M4.5 7.5h9M17.5 7.5h2M4.5 16.5h2M10.5 16.5h9'/><circle cx='15.5' cy='7.5' r='2'/><circle cx='8.5' cy='16.5' r='2'/>"
        }
        "camera" => "<path d='M4.5 8h4l1.5-2.5h4L15.5 8h4v11h-15z'/><circle cx='12' cy='13.2' r='3.2'/>",
        "pencil" => "<path d='m5 19 .8-3.7L16 5l3 3L8.7 18.2zM14 7l3 3'/>",
        "alert" => "<path d='M12 4.5 20.5 19h-17zM12 10v4.2M12 16.5v.3'/>",
        "info" => "<circle cx='12' cy='12' r='7.7'/><path d='M12 11v5M12 8v.3'/>",
        "book" => {
            "<path d='M12 6.5c-2-1.3-4.3-1.7-7-1.5v13c2.7-.2 5 .2 7 1.5 2-1.3 4.3-1.7 7-1.5V5c-2.7-.2-5 .2-7 1.5zM12 6.5v13'/>"
        }
        "bolt" => "<path d='M13 3.5 5.5 13.5H12l-1 7 7.5-10H12z'/>",
        "truck" => {
            "<path d='M3.5 6.5h10v10h-10zM13.5 10h4l3 3v3.5h-7'/><circle cx='7.5' cy='17.5' r='1.7'/><circle cx='16.5' cy='17.5' r='1.7'/>"
        }
        "talk" => "<path d='M4.5 5.5h15v10.5H12l-4.5 4v-4h-3zM8.5 9.3h7M8.5 12.4h4.5'/>",
        "door" => "<path d='M13 4.5H6v15h7M10.5 12H20M16.5 8.5 20 12l-3.5 3.5'/>",
        "tag" => "<path d='M4.5 4.5h7.2l8 8-7.2 7.2-8-8z'/><circle cx='8.5' cy='8.5' r='1.2'/>",
        _ => return None,
    };
    Some(shape)
}

#[cfg(test)]
mod tests {
    use super::{icon, shape};
    use crate::pages::{NoticeLine, State};

    #[test]
    fn every_icon_that_is_named_is_drawn() {
        for state in State::ALL {
            assert!(shape(state.icon()).is_some(), "{}", state.icon());
        }
        for kind in NoticeLine::KINDS.into_iter().chain(["?"]) {
            let line = NoticeLine {
                id: 1,
                kind: kind.to_owned(),
                href: String::new(),
                title: String::new(),
                count: None,
                amount: None,
                at: jiff::Timestamp::UNIX_EPOCH,
                unread: true,
            };
            assert!(shape(line.icon()).is_some(), "{kind}");
        }
        assert!(icon("home").starts_with("<svg"));
    }
}
