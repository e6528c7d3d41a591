//! The demo's cast: neighbours of Mapo, and what lies in their cupboards.

/// Every neighbour's password, so that a newcomer can be one of them.
pub const PASSWORD: &str = "neighborbid";

/// A neighbour.
pub struct Neighbour {
    pub username: &'static str,
    pub nickname: &'static str,
    pub place: &'static str,
}

/// Something for sale.
pub struct Thing {
    pub title: &'static str,
    pub description: &'static str,
    pub category: &'static str,
    pub start: i64,
    pub buy_now: Option<i64>,
    pub reserve: Option<i64>,
}

impl Thing {
    /// From how many sides its seller takes a picture of it: one to four, always the same for the same thing.
    pub fn views(&self) -> usize {
        match self.title.len() % 7 {
            0 => 4,
            1 => 3,
            2 => 2,
            _ => 1,
        }
    }
}

const fn neighbour(username: &'static str, nickname: &'static str, place: &'static str) -> Neighbour {
    Neighbour { username, nickname, place }
}

const fn thing(
    title: &'static str,
    category: &'static str,
    start: i64,
    buy_now: Option<i64>,
    description: &'static str,
) -> Thing {
    Thing { title, description, category, start, buy_now, reserve: None }
}

/// Not sold for less than this, which nobody else sees.
const fn reserved(thing: Thing, reserve: i64) -> Thing {
    Thing { reserve: Some(reserve), ..thing }
}

/// Who lives here.
pub const NEIGHBOURS: [Neighbour; 10] = [
    neighbour("demo1", "수리부엉이", "망원동"),
    neighbour("demo2", "연남산책", "연남동"),
    neighbour("demo3", "빵굽는오후", "서교동"),
    neighbour("demo4", "자전거타는곰", "합정동"),
    neighbour("demo5", "한강바람", "상수동"),
    neighbour("demo6", "책방고양이", "성산동"),
    neighbour("demo7", "느린우체부", "망원동"),
    neighbour("demo8", "도시농부", "상암동"),
    neighbour("demo9", "기타치는삼촌", "연남동"),
    neighbour("demo10", "달빛공방", "서교동"),
];

/// What they sell.
pub const THINGS: [Thing; 18] = [
    thing(
        "원목 의자, 두 해 썼어요",
        "chairs_sofas",
        10_000,
        None,
        "거실에서 쓰던 참나무 의자예요.\n다리에 작은 긁힘이 하나 있어요.",
    ),
    reserved(
        thing("통기타 입문용", "guitars", 30_000, None, "줄을 새로 갈았어요. 가방도 같이 드려요."),
        800_000,
    ),
    thing(
        "무선 이어폰, 상자 그대로",
        "audio",
        40_000,
        Some(120_000),
        "선물 받았는데 같은 게 있어서 내놓아요. 뜯지 않았어요.",
    ),
    thing("캠핑 의자 두 개", "camping", 8_000, None, "접으면 아주 작아져요. 한강에서 몇 번 썼어요."),
    reserved(
        thing(
            "27인치 모니터",
            "computers",
            50_000,
            None,
            "사무실을 정리하면서 내놓아요. 불량 화소가 없어요.",
        ),
        150_000,
    ),
    thing(
        "그림책 스무 권",
        "kids_books",
        5_000,
        Some(30_000),
        "아이가 다 커서 이제 다른 집으로 보내요. 낙서는 없어요.",
    ),
    thing("에어프라이어 5리터", "kitchen_appliances", 15_000, None, "깨끗이 닦아 두었어요. 반년 썼어요."),
    thing(
        "접이식 자전거",
        "bicycles",
        60_000,
        None,
        "체인에 기름칠해 두었어요. 합정역 앞에서 타 보셔도 돼요.",
    ),
    thing("도자기 접시 네 장", "tableware", 6_000, None, "공방에서 제가 구운 접시예요. 조금씩 달라요."),
    thing(
        "유모차, 한 아이가 썼어요",
        "strollers",
        35_000,
        None,
        "바퀴와 브레이크가 멀쩡해요. 덮개는 빨아 두었어요.",
    ),
    thing(
        "기계식 키보드 갈축",
        "computers",
        25_000,
        Some(70_000),
        "키캡을 하나씩 닦았어요. 조용한 편이에요.",
    ),
    thing("책상 스탠드", "lighting", 4_000, None, "밝기가 세 단계예요. 전구도 새것이에요."),
    thing(
        "겨울 코트, 한 번 입었어요",
        "womens_clothing",
        20_000,
        None,
        "사이즈가 안 맞아서 내놓아요. 드라이클리닝 했어요.",
    ),
    thing("보드게임 모둠", "board_games", 12_000, None, "빠진 말이 없는지 다 세어 봤어요."),
    thing("커피 그라인더", "coffee_tea", 18_000, None, "손으로 돌리는 거예요. 분쇄가 고르게 돼요."),
    reserved(
        thing("필름 카메라", "cameras", 45_000, None, "아버지가 쓰시던 거예요. 셔터가 잘 돼요."),
        900_000,
    ),
    thing("요가 매트와 블록", "fitness", 3_000, None, "작심삼일로 끝났어요. 좋은 주인을 기다려요."),
    thing(
        "디지털 피아노 88건반",
        "keyboards",
        90_000,
        Some(350_000),
        "받침대와 의자까지 드려요. 직접 와서 쳐 보세요.",
    ),
];
