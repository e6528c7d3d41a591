//! What stands in place of a picture: an ink drawing of the kind of thing on tinted paper, with a pale disk behind it.

/// The tints a picture can have, as classes `tint-0` to `tint-5` of the sheet.
const TINTS: i64 = 6;

/// Where the disk stands: centre and radius on a ground of 200.
const DISKS: [(i64, i64, i64); 4] = [(132, 70, 46), (72, 78, 50), (100, 66, 54), (146, 104, 40)];

/// The drawing of a category as SVG, varied by the item's own number.
pub fn drawing(category: &str, variant: i64) -> String {
    let tint = variant.rem_euclid(TINTS);
    let place = usize::try_from((variant / TINTS).rem_euclid(4)).unwrap_or(0);
    let (x, y, r) = DISKS.get(place).copied().unwrap_or((100, 66, 54));
    let shape = shape(category);
    format!(
        "<svg class=\"drawing tint-{tint}\" viewBox=\"0 0 200 200\" preserveAspectRatio=\"xMidYMid meet\" aria-hidden=\"true\" focusable=\"false\">\
         <path class=\"drawing-paper\" d=\"M-200-200h600v600h-600z\"/><circle class=\"drawing-disk\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>\
         <path class=\"drawing-ground\" d=\"M-200 151h600\"/><g class=\"drawing-ink\">{shape}</g></svg>"
    )
}

/// Bodies carry the paper's tone so that the disk does not shine through; every thing stands on the ground at 151.
fn shape(category: &str) -> &'static str {
    match category {
        "furniture" | "interior" => {
            "<path class='body' d='M71 51h58l-4 46H75z'/><path d='M82 52v44M94 52v45M106 52v45M118 52v44'/>\
             <path class='body' d='M66 97h68l5 12H61z'/><path d='M67 109l-5 42M133 109l5 42M79 109v27M121 109v27M65 130h70'/>"
        }
        "digital" => {
            "<path class='body' d='M52 68h96v62H52z'/><path d='M59 75h82v48H59z'/><path class='body' d='M44 130h112l8 21H36z'/>\
             <path d='M54 137h92M51 144h98M88 130v-3h24v3'/>"
        }
        "appliances" | "home_appliances" => {
            "<path class='body' d='M66 44h68v107H66z'/><path d='M66 62h68M74 53h14M118 53h.5M126 53h.5'/><circle class='body' cx='100' cy='105' r='29'/>\
             <circle cx='100' cy='105' r='20'/><path d='M84 110c8-7 12 5 20 0s9-5 12-4'/>"
        }
        "kitchen" => {
            "<path class='body' d='M58 89h84v44c0 12-6 18-16 18H74c-10 0-16-6-16-18z'/><path d='M52 89h96M44 104h14M142 104h14'/>\
             <path class='body' d='M62 89c2-16 16-24 38-24s36 8 38 24z'/><circle class='body' cx='100' cy='59' r='6'/><path d='M70 102v30'/>"
        }
        "kids" | "baby" => {
            "<circle class='body' cx='100' cy='112' r='38'/><circle class='body' cx='100' cy='70' r='29'/><circle class='body' cx='77' cy='47' r='11'/>\
             <circle class='body' cx='123' cy='47' r='11'/><path d='M90 68v1M110 68v1M95 80c3 4 7 4 10 0M100 76v2'/><circle cx='100' cy='116' r='20'/>\
             <path class='body' d='M66 139c-14 0-14 12 0 12h18c6-6 0-12-6-12zM134 139c14 0 14 12 0 12h-18c-6-6 0-12 6-12z'/>"
        }
        "fashion" | "clothes" => {
            "<path class='body' d='M84 56 58 68 44 96l20 10 6-8v53h60V98l6 8 20-10-14-28-26-12c-3 9-9 13-16 13s-13-4-16-13z'/>\
             <path d='M70 98V86M130 98V86M100 69v82M104 88h.5M104 106h.5M104 124h.5'/>"
        }
        "sports" => {
            "<circle class='body' cx='66' cy='120' r='31'/><circle class='body' cx='136' cy='120' r='31'/><path d='M66 120l16-40h40l14 40M82 80l22 40h32M66 120h38l20-40'/>\
             <path d='M74 80h16M122 80l-4-13h14'/><circle class='body' cx='104' cy='120' r='6'/>"
        }
        "hobby" | "games" => {
            "<path class='body' d='m58 92 44-12 12 44-44 12z'/><path class='body' d='M126 151c0-22 8-24 8-34h-5c-3 0-3-6 0-6h3c-5-4-7-8-7-13 0-9 6-15 14-15s14 6 14 15c0 5-2 9-7 13h3c3 0 3 6 0 6h-5c0 10 8 12 8 34z'/>\
             <path class='body' d='M60 136h30v15H60z'/><path d='M72 99h.5M86 108h.5M100 117h.5M99 92h.5M73 125h.5M68 143h14'/>"
        }
        "books" => {
            "<path class='body' d='M50 133h94v18H50z'/><path class='body' d='M58 115h92v18H58z'/><path class='body' d='M54 97h84v18H54z'/>\
             <path d='M64 133v18M70 133v18M136 115v18M68 97v18M74 97v18'/><path class='body' d='m76 97 8-47 50 9-7 38z'/><path d='m93 66 28 5M91 76l18 3'/>"
        }
        "plants" => {
            "<path class='body' d='M72 112h56l-7 39H79z'/><path class='body' d='M67 101h66v11H67z'/><path d='M100 101V50'/>\
             <path class='body' d='M100 84c-24 2-35-9-37-29 23-1 35 9 37 29zM100 70c2-21 13-31 34-32 0 21-12 32-34 32zM100 96c4-14 14-21 31-20-2 15-13 21-31 20z'/>"
        }
        "pets" => {
            "<path class='body' d='M60 151V100c0-27 18-44 40-44s40 17 40 44v51z'/><path class='body' d='M82 151v-30c0-12 8-19 18-19s18 7 18 19v30z'/>\
             <path d='m48 84 52-44 52 44M100 78c-4-6-13-1-9 5 2 3 5 5 9 8 4-3 7-5 9-8 4-6-5-11-9-5z'/>"
        }
        "beauty" => {
            "<path class='body' d='M60 88h44v63H60z'/><path class='body' d='M70 74h24v14H70zM76 60h12v14H76z'/><path d='M68 108h28M68 118h18'/>\
             <path class='body' d='M116 112h28v39h-28z'/><path class='body' d='M120 86h20v26h-20z'/><path d='m120 86 20-13v13'/>"
        }
        "food" => {
            "<path class='body' d='M52 98h96l-10 53H62z'/><path d='M46 98h108M58 116h84M61 133h78M80 98l4 53M100 98v53M120 98l-4 53'/>\
             <circle class='body' cx='80' cy='82' r='17'/><circle class='body' cx='116' cy='80' r='19'/><path d='M80 65c0-6 3-9 7-10M116 61c0-6 3-9 7-10'/>"
        }
        "tickets" => {
            "<path class='body' d='m46 90 96-26 7 25c-7 2-10 7-8 13s7 9 14 7l7 25-96 26-7-25c7-2 10-7 8-13s-7-9-14-7z'/>\
             <path d='m116 72 3 10M122 92l3 10M128 112l3 10M134 130l2 6M66 102l34-9M69 113l34-9'/>"
        }
        "music" | "instruments" => {
            "<path class='body' d='M84 84c-14-2-22 8-18 18 2 6-8 8-10 20-3 17 12 29 32 29h8c20 0 35-12 32-29-2-12-12-14-10-20 4-10-4-20-18-18z'/>\
             <circle cx='94' cy='108' r='10'/><path d='M80 134h28M90 98V36M98 98V36M88 36h12V24H88zM84 28h-4M108 28h-4'/>"
        }
        _ => {
            "<path class='body' d='m100 56 52 22v55l-52 18-52-18V78z'/><path d='m48 78 52 20 52-20M100 98v53M74 67l52 21v20l-12-7V83'/>"
        }
    }
}
