//! Particles: what Korean hangs on a word without making it another.

use super::fold::final_of;

/// The number of ㄹ among final consonants.
const RIEUL: u32 = 8;

/// How the word must end for a particle to follow it.
#[derive(Clone, Copy)]
enum After {
    Any,
    Consonant,
    Vowel,
    /// A vowel or ㄹ.
    Open,
}

/// The particles, longer ones before those that they end with.
const PARTICLES: [(&str, After); 33] = [
    ("에서는", After::Any),
    ("으로는", After::Any),
    ("에서", After::Any),
    ("에게", After::Any),
    ("한테", After::Any),
    ("까지", After::Any),
    ("부터", After::Any),
    ("처럼", After::Any),
    ("보다", After::Any),
    ("마다", After::Any),
    ("하고", After::Any),
    ("에는", After::Any),
    ("에도", After::Any),
    ("으로", After::Any),
    ("이랑", After::Consonant),
    ("이나", After::Consonant),
    ("이요", After::Consonant),
    ("로는", After::Open),
    ("을", After::Consonant),
    ("를", After::Vowel),
    ("이", After::Consonant),
    ("가", After::Vowel),
    ("은", After::Consonant),
    ("는", After::Vowel),
    ("과", After::Consonant),
    ("와", After::Vowel),
    ("로", After::Open),
    ("랑", After::Vowel),
    ("나", After::Vowel),
    ("의", After::Any),
    ("에", After::Any),
    ("도", After::Any),
    ("만", After::Any),
];

/// How many syllables are left of a word at the least.
const STEM_MIN: usize = 2;

/// The word without its particle, if two syllables are left before one that agrees with them; else the word.
pub fn stem(syllables: &[char]) -> &[char] {
    let fitting = PARTICLES.iter().find_map(|(particle, after)| {
        let length = particle.chars().count();
        let at = syllables.len().checked_sub(length).filter(|at| *at >= STEM_MIN)?;
        let (stem, rest) = syllables.split_at(at);
        (rest.iter().copied().eq(particle.chars()) && after.follows(*stem.last()?)).then_some(stem)
    });
    fitting.unwrap_or(syllables)
}

/// Whether it is nothing, or a particle that may follow that syllable.
pub(super) fn is_particle(rest: &[char], before: char) -> bool {
    let is_it = |(particle, after): &(&str, After)| {
        rest.iter().copied().eq(particle.chars()) && after.follows(before)
    };
    rest.is_empty() || PARTICLES.iter().any(is_it)
}

impl After {
    fn follows(self, syllable: char) -> bool {
        let last = final_of(syllable);
        match self {
            After::Any => true,
            After::Consonant => last != 0,
            After::Vowel => last == 0,
            After::Open => last == 0 || last == RIEUL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_are_taken_off() {
        for (word, expected) in [
            ("의자", "의자"),
            ("의자를", "의자"),
            ("의자을", "의자을"),
            ("책상을", "책상"),
            ("책상이", "책상"),
            ("의자가", "의자"),
            ("책상은", "책상"),
            ("의자는", "의자"),
            ("의자의", "의자"),
            ("책상에", "책상"),
            ("책상에서", "책상"),
            ("책상에서는", "책상"),
            ("책상으로", "책상"),
            ("의자로", "의자"),
            ("연필로", "연필"),
            ("연필으로", "연필"),
            ("책상로", "책상로"),
            ("책상과", "책상"),
            ("의자와", "의자"),
            ("의자랑", "의자"),
            ("책상이랑", "책상"),
            ("의자도", "의자"),
            ("의자만", "의자"),
            ("망원동까지", "망원동"),
            ("망원동부터", "망원동"),
            ("엄마한테", "엄마"),
            // One syllable is no word to look for.
            ("가을", "가을"),
            ("책을", "책을"),
            ("나는", "나는"),
            // Ending like a particle takes nothing from what is found.
            ("고양이", "고양"),
            ("", ""),
        ] {
            let syllables: Vec<char> = word.chars().collect();
            assert_eq!(stem(&syllables).iter().collect::<String>(), expected, "{word}");
        }
    }
}
