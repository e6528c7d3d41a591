//! How each thing of the demo looks, on a ground of 100 × 75 that it stands on at 68: a colour, a shape and its numbers a line.
//!
//! `p` polygon by its corners, `e` ellipse by its middle and radii, `b` block by its corner and size, `l` line with its width,
//! `o` ring, `g` a grid of blocks: where, how many, how large, how far apart.

/// The drawing of a category.
pub fn drawing(category: &str) -> &'static str {
    match category {
        "chairs_sofas" => CHAIR,
        "guitars" => GUITAR,
        "audio" => EARPHONES,
        "camping" => CAMPING_CHAIR,
        "computers" => SCREEN,
        "kids_books" => BOOKS,
        "kitchen_appliances" => FRYER,
        "bicycles" => BICYCLE,
        "tableware" => PLATES,
        "strollers" => STROLLER,
        "lighting" => LAMP,
        "womens_clothing" => COAT,
        "board_games" => GAMES,
        "coffee_tea" => GRINDER,
        "cameras" => CAMERA,
        "fitness" => MAT,
        "keyboards" => PIANO,
        _ => PARCEL,
    }
}

const CHAIR: &str = "8f5f32 l 38 46 38 63 2
    8f5f32 l 62 46 62 63 2
    a9743f l 35 10 34 46 2.8
    a9743f l 65 10 66 46 2.8
    c08a52 p 33 12 67 12 67 18 33 18
    b67f48 p 34 23 66 23 66 28 34 28
    b67f48 p 34 33 66 33 66 37 34 37
    d29c63 p 31 42 69 42 74 49 26 49
    a9743f p 26 49 74 49 74 51.5 26 51.5
    a06c3a l 29 50 26 69 3
    a06c3a l 71 50 74 69 3
    8f5f32 l 28 60 72 60 1.5";

const GUITAR: &str = "6b3f1d p 47 4 53 4 54 13 46 13
    c9c2b0 e 45 6 1.2 1
    c9c2b0 e 55 6 1.2 1
    c9c2b0 e 45 10 1.2 1
    c9c2b0 e 55 10 1.2 1
    4a2c17 b 48 12 4 27
    9c5a24 e 50 38 11.5 10
    9c5a24 e 50 55 16 14
    c98d46 e 50 38 10.3 8.8
    c98d46 e 50 55 14.6 12.7
    4a2c17 b 48 28 4 13
    2a180c e 50 46 4.6 4.6
    6b3f1d b 44 58 12 2.4
    efe7d2 l 48.8 12 48.8 59 0.25
    efe7d2 l 49.6 12 49.6 59 0.25
    efe7d2 l 50.4 12 50.4 59 0.25
    efe7d2 l 51.2 12 51.2 59 0.25";

const EARPHONES: &str = "d9d9dc e 50 55 22 13
    f6f6f7 e 50 52 22 13
    e4e4e7 p 28 50 72 50 72 53 28 53
    c2c2c8 l 28 51.5 72 51.5 0.5
    7bc47f e 50 57 0.9 0.9
    fbfbfc e 38 27 6.5 6
    ececef p 36 30 41 30 40.4 44 37 44
    3c3f44 e 34.4 26 2 2.6
    fbfbfc e 62 27 6.5 6
    ececef p 59 30 64 30 63 44 59.6 44
    3c3f44 e 65.6 26 2 2.6";

const CAMPING_CHAIR: &str = "3a3d42 l 28 66 66 34 1.5
    3a3d42 l 72 66 34 34 1.5
    3a3d42 l 30 14 34 66 1.6
    3a3d42 l 70 14 66 66 1.6
    2f6b57 p 30 12 70 12 67 38 33 38
    3a8069 p 33 38 67 38 72 48 28 48
    28594a l 31 16 69 16 1
    3a3d42 l 26 33 36 33 2.4
    3a3d42 l 64 33 74 33 2.4
    d9a441 b 46 22 8 4";

const SCREEN: &str = "8e949c p 43 52 57 52 59 64 41 64
    a7adb5 e 50 66 17 3
    1f2226 b 14 10 72 43
    2f6fa3 b 16 12 68 38
    4f93c4 p 16 12 84 12 84 26 52 38 16 30
    f1c27a e 68 22 5 5
    24527a p 16 50 38 32 56 44 70 34 84 44 84 50
    e8eaed e 50 51.6 0.8 0.6
    33373d b 22 68 40 4
    4b5057 g 23 68.6 18 2 1.6 1.1 2.15 1.6";

const BOOKS: &str = "c8503c b 18 24 6 43
    e0a33a b 24.5 20 5 47
    3f7f93 b 30 27 7 40
    f0e2c0 b 37.5 22 4 45
    6a9a58 b 42 25 6 42
    7a5aa0 b 48.5 21 5 46
    d97b52 b 54 28 8 39
    2f5d74 b 62.5 23 5 44
    e9c46a p 68.5 27 74 25 82 66 76 67
    ffffff b 19 30 4 3
    ffffff b 31.5 34 4 5
    ffffff b 43.2 31 3.6 3
    fff4d8 b 55.5 36 5 6
    fff4d8 e 51 27 1.6 1.6
    b8432f b 18 62 6 2
    357083 b 30 61 7 2";

const FRYER: &str = "2c2f33 e 50 18 21 6
    3a3e43 p 29 18 71 18 74 62 26 62
    2c2f33 e 50 62 24 6
    4a4f55 p 31 36 69 36 71 60 29 60
    25282b p 44 44 56 44 56 50 44 50
    8d939a b 46 45 8 3
    16181a e 50 26 12 4.5
    6fd0c0 b 44 24.6 4 2.4
    e9edf0 b 50 24.6 6 2.4
    5b6168 e 50 15.5 15 3";

const BICYCLE: &str = "26282b o 27 52 16 2
    26282b o 74 52 16 2
    b9bec4 o 27 52 14.3 0.5
    b9bec4 o 74 52 14.3 0.5
    c8ccd1 l 27 38 27 66 0.3
    c8ccd1 l 13 52 41 52 0.3
    c8ccd1 l 74 38 74 66 0.3
    c8ccd1 l 60 52 88 52 0.3
    1f7a8c l 27 52 41 28 1.9
    1f7a8c l 41 28 66 28 2.3
    1f7a8c l 41 28 48 53 2.3
    1f7a8c l 66 28 48 53 2.3
    1f7a8c l 27 52 48 53 1.9
    2c9ab0 l 66 24 74 52 2.1
    3a3d42 l 40 28 38.6 20 1.6
    26282b p 32 18 46 18 44 21 34 21
    3a3d42 l 66 26 64 15 1.6
    26282b l 58 14.5 70 14.5 2
    8d939a o 48 53 4 1.2
    26282b l 48 53 52 61 1.2
    26282b b 50 60 6 1.6";

const PLATES: &str = "c9cfc8 e 50 62 31 7
    e9ece4 e 50 60 31 7
    b8c4c0 e 50 57 29 6.4
    dfe8e2 e 50 55.2 29 6.4
    d0c3a8 e 50 51.5 27 6
    f0e6cf e 50 49.8 27 6
    9fb7b9 e 50 45.5 25 5.4
    c9dcdc e 50 44 25 5.4
    b4cbcc e 50 44.4 17 3.5
    dbeaea e 50 44.2 15.6 3
    7f9b9e e 42 43.6 2 0.6
    7f9b9e e 55 45 2.6 0.6";

const STROLLER: &str = "3a3d42 l 24 18 58 60 1.7
    3a3d42 l 66 40 34 62 1.7
    26282b l 19 17 27 20 2.2
    5d7896 p 36 34 70 36 66 52 44 54
    4a6380 p 44 54 66 52 72 58 68 60
    7593b2 p 48 34 52 14 66 13 76 22 78 36
    5d7896 l 52 14 56 35 0.6
    5d7896 l 66 13 64 35 0.6
    f0e6d8 p 44 36 58 37 56 46 46 47
    26282b o 34 62 6 1.8
    26282b o 67 62 6 1.8
    b9bec4 e 34 62 2 2
    b9bec4 e 67 62 2 2
    4b5057 b 42 57 18 4";

const LAMP: &str = "fff0c2 p 40 32 70 32 84 67 26 67
    2c2f33 e 36 66 15 3.4
    3d4147 e 36 64.6 15 3.4
    565b62 l 36 64 28 38 1.8
    565b62 l 28 38 54 20 1.8
    2c2f33 e 28 38 1.8 1.8
    c4502f p 50 16 60 13 72 30 42 34
    e2b64a e 57 31.6 14.4 3
    fff7dc e 57 31.2 9 2
    a3401f e 55 15 5.4 2.4";

const COAT: &str = "b9bec4 l 50 5 50 10 0.8
    8a6a44 l 33 14 50 10 1.3
    8a6a44 l 67 14 50 10 1.3
    7d5f4b p 33 15 44 12 40 66 28 66
    7d5f4b p 67 15 56 12 60 66 72 66
    8d6c56 p 38 13 62 13 68 67 32 67
    745745 p 33 15 22 46 28 49 37 28
    745745 p 67 15 78 46 72 49 63 28
    5f4637 p 42 13 50 30 46 34 38 16
    5f4637 p 58 13 50 30 54 34 62 16
    5f4637 l 50 30 50 67 0.5
    2e211a e 53 38 1 1
    2e211a e 53 46 1 1
    2e211a e 53 54 1 1
    6b5040 b 35 48 9 2
    6b5040 b 57 48 9 2";

const GAMES: &str = "2f5d74 b 18 54 62 12
    3f7f93 b 18 52 62 3
    b8432f b 22 41 54 11
    d05a43 b 22 39 54 3
    d9a441 b 27 30 44 9
    ecc06a b 27 28 44 3
    ffffff b 40 44 18 5
    fff4d8 b 30 58 26 4
    fff4d8 b 38 32.5 20 4
    f7f7f4 p 74 20 83 18 85 27 76 29
    26282b e 77 21.6 0.9 0.9
    26282b e 79.5 23.6 0.9 0.9
    26282b e 82 25.6 0.9 0.9
    6a9a58 e 24 24 3 3
    6a9a58 p 21 25 27 25 28 39 20 39";

const GRINDER: &str = "8a6a44 l 50 16 73 12 1.5
    4a2c17 e 74 11 3 2.6
    b9bec4 e 50 17 4 1.6
    dfe2e6 p 40 20 60 20 61 40 39 40
    c5cad0 p 40 20 44 20 43 40 39 40
    f3f4f6 e 50 20 10 2.6
    6b3f1d p 39 40 61 40 63 64 37 64
    8a5429 p 44 40 56 40 57 64 43 64
    4a2c17 e 50 64 13 3
    b9bec4 l 39 40 61 40 1
    3b2213 e 72 66 2.2 1.3
    3b2213 e 77 64.6 2.2 1.3
    3b2213 e 68 63.6 2 1.2";

const CAMERA: &str = "b9bec4 p 40 18 62 18 65 25 37 25
    c9cdd2 b 18 24 64 8
    26282b b 18 31 64 28
    c9cdd2 b 18 57 64 5
    8d939a e 25 22.6 4 1.8
    8d939a e 74 22.6 5 2
    3a3d42 b 70 34 9 6
    e9edf0 b 22 34 9 4.6
    8d939a e 50 44 16.5 16.5
    16181a e 50 44 15 15
    3a3d42 e 50 44 11.6 11.6
    0d1b2a e 50 44 8.6 8.6
    35587a e 47.6 41.6 3.8 3.4
    a9c7de e 46.4 40 1.4 1.2";

const MAT: &str = "4f6d5f b 20 46 44 17
    68897a e 64 54.5 8.5 8.7
    4f6d5f e 64 54.5 6.6 6.8
    7fa091 e 64 54.5 4.8 5
    4f6d5f e 64 54.5 3 3.1
    3d564a e 20 54.5 3.6 8.5
    d9c7a3 b 30 45.4 3 18
    d9c7a3 b 50 45.4 3 18
    7a5aa0 p 60 30 80 30 80 42 60 42
    9277b4 p 60 30 64 26 84 26 80 30
    654a89 p 80 30 84 26 84 38 80 42";

const PIANO: &str = "26282b l 24 52 24 69 2.4
    26282b l 76 52 76 69 2.4
    26282b l 24 62 76 62 1.4
    1a1c1f p 8 26 92 26 95 50 5 50
    2f3237 b 8 24 84 6
    f6f6f2 p 9 36 91 36 93 48 7 48
    c9c9c2 g 12 36 26 1 0.25 12 3.05 1
    16181a g 10.8 36 12 1 1.7 7 6.7 1
    16181a g 13.9 36 12 1 1.7 7 6.7 1
    6fd0c0 b 46 26 8 2
    8d939a e 24 27 1.4 1
    3a3d42 p 36 63 64 63 66 67 34 67";

const PARCEL: &str = "b98a58 b 26 32 48 34
    d0a26e p 26 32 34 24 82 24 74 32
    a37646 p 74 32 82 24 82 58 74 66
    e4c79b b 47 32 6 34
    e4c79b p 47 32 55 24 61 24 53 32";
