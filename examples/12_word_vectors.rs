//! Words as vectors: what a word means is learned from the company it keeps (skip-gram with negative sampling).
//!
//! `cargo run --release --example 12_word_vectors`

use minimand::prelude::*;

const SIZE: usize = 12;
/// How far a neighbour may be, in words.
const WINDOW: usize = 6;
/// Words drawn at random for each true neighbour.
const NEGATIVES: usize = 5;

const SEA: [&str; 4] = ["whale", "shark", "seal", "cod"];
const FARM: [&str; 4] = ["cow", "pig", "hen", "goat"];
/// Each is royal or not, female or not, young or not: eight combinations.
const PEOPLE: [&str; 8] = ["man", "woman", "boy", "girl", "king", "queen", "prince", "princess"];

/// A sentence. It never says what a word means: only what is said beside it.
fn sentence(rng: &mut Rng) -> String {
    let mut pick = |words: &[&'static str]| words[rng.below(words.len())];
    match pick(&["sea", "farm", "person", "person"]) {
        "sea" => format!(
            "the {} {} {} the {}",
            pick(&SEA),
            pick(&["swims", "dives", "hunts"]),
            pick(&["in", "under"]),
            pick(&["sea", "ice", "waves"])
        ),
        "farm" => format!(
            "the {} {} {} the {}",
            pick(&FARM),
            pick(&["grazes", "sleeps", "feeds"]),
            pick(&["in", "near"]),
            pick(&["barn", "meadow", "stable"])
        ),
        _ => {
            let person = pick(&PEOPLE);
            let index = PEOPLE.iter().position(|other| *other == person).unwrap_or_default();
            let (female, young, royal) = (index % 2 == 1, index / 2 % 2 == 1, index / 4 == 1);
            format!(
                "the {person} {} the {} and {} {} with {} {}",
                pick(if royal { &["leaves", "rules", "guards"] } else { &["builds", "sweeps", "rents"] }),
                pick(if royal { &["palace", "throne", "crown"] } else { &["mill", "bakery", "village"] }),
                if female { "she" } else { "he" },
                pick(if young { &["plays", "learns", "climbs"] } else { &["works", "trades", "argues"] }),
                if female { "her" } else { "his" },
                pick(if young { &["ball", "teacher", "kite"] } else { &["wine", "lawyer", "pipe"] }),
            )
        }
    }
}

/// A text as numbers of words.
struct Text {
    words: Vec<String>,
    sentences: Vec<Vec<usize>>,
}

impl Text {
    fn new(count: usize, rng: &mut Rng) -> Text {
        let mut text = Text { words: Vec::new(), sentences: Vec::new() };
        for _ in 0..count {
            let sentence = sentence(rng);
            text.sentences.push(
                sentence
                    .split(' ')
                    .map(|word| {
                        text.words.iter().position(|known| known == word).unwrap_or_else(|| {
                            text.words.push(word.to_owned());
                            text.words.len() - 1
                        })
                    })
                    .collect(),
            );
        }
        text
    }

    fn number(&self, word: &str) -> usize {
        self.words.iter().position(|known| known == word).expect("a word of the text")
    }

    /// Each word with each of its neighbours in the sentence.
    fn pairs(&self) -> Vec<[usize; 2]> {
        let mut pairs = Vec::new();
        for sentence in &self.sentences {
            for (place, &word) in sentence.iter().enumerate() {
                let near = place.saturating_sub(WINDOW)..(place + WINDOW + 1).min(sentence.len());
                pairs.extend(near.filter(|&other| other != place).map(|other| [word, sentence[other]]));
            }
        }
        pairs
    }
}

struct Vectors {
    text: Text,
    /// `[words, SIZE]`: of the words, and of the words as neighbours.
    words: Embedding,
    neighbours: Embedding,
    pairs: Vec<[usize; 2]>,
    /// How likely each word is drawn at random.
    noise: Vec<f64>,
}

impl Vectors {
    fn train(seed: u64) -> Result<Vectors, Box<dyn std::error::Error>> {
        let mut rng = Rng::seed(seed);
        let text = Text::new(4000, &mut rng);
        let pairs = text.pairs();
        let count = text.words.len();
        println!("{} sentences of {count} words, such as", text.sentences.len());
        for sentence in &text.sentences[..3] {
            println!("  {}", sentence.iter().map(|&word| text.words[word].as_str()).collect::<Vec<_>>().join(" "));
        }

        // Rare words are drawn somewhat more often than they come (Mikolov et al. 2013, section 2.2).
        let mut noise = vec![0.0; count];
        pairs.iter().for_each(|pair| noise[pair[1]] += 1.0);
        noise.iter_mut().for_each(|share| *share = f64::powf(*share, 0.75));
        let total: f64 = noise.iter().sum();
        noise.iter_mut().for_each(|share| *share /= total);

        let small =
            EmbeddingOptions { weight_initializer: Initializer::Normal { deviation: 0.1 }, ..Default::default() };
        let [words, neighbours] = [(); 2].map(|()| Embedding::with_options(count, SIZE, small.clone(), &mut rng));
        let columns = [0, 1].map(|side| Tensor::from(pairs.iter().map(|pair| pair[side] as i64).collect::<Vec<_>>()));
        let batches = Batches::new([&columns[0], &columns[1]], 1024);
        let epochs = 6;
        let schedule = Schedule::Cosine { period: epochs * batches.len() as u64, minimum: 0.0 };
        let parameters = [words.weight(), neighbours.weight()];
        let mut adam =
            Adam::new(parameters, AdamOptions { learning_rate: 0.02, ..Default::default() }).with_schedule(schedule);
        let weights = Tensor::from(noise.clone());
        println!("\nepoch    loss");
        for epoch in 1..=epochs {
            let mut total = 0.0;
            for [word, neighbour] in batches.shuffled(&mut rng) {
                let word = words.forward(&word).unsqueeze(1);
                let drawn = Tensor::categorical(&weights, NEGATIVES * neighbour.elements(), &mut rng);
                let drawn = neighbours.forward(&drawn.reshape([neighbour.elements(), NEGATIVES]));
                let true_score = (&word * neighbours.forward(&neighbour).unsqueeze(1)).sum_axis(-1);
                let drawn_scores = (&word * drawn).sum_axis(-1);
                // Is this word a true neighbour, or was it drawn? (Equation 4: -ln σ(true) - Σ ln σ(-drawn).)
                let loss = (-true_score).softplus().sum_axis(-1) + drawn_scores.softplus().sum_axis(-1);
                total += adam.step(&loss.mean())?.loss();
            }
            println!("{epoch:5} {:7.3}", total / batches.len() as f64);
        }
        Ok(Vectors { text, words, neighbours, pairs, noise })
    }

    /// The words by the cosine between their vectors and a vector, the nearest first, without those that are named.
    fn nearest(&self, vector: &Tensor, without: &[&str]) -> Vec<&str> {
        let table = self.words.weight().value();
        let cosines = table.matmul(vector) / (table.norm_axis(-1) * vector.norm());
        let order = cosines.sort_descending(0).1.to_vec::<i64>();
        order
            .iter()
            .map(|&word| self.text.words[word as usize].as_str())
            .filter(|word| !without.contains(word))
            .collect()
    }

    fn vector(&self, word: &str) -> Tensor {
        self.words.weight().value().at(0, self.text.number(word))
    }

    /// What is to `c` as `b` is to `a`.
    fn analogy(&self, a: &str, b: &str, c: &str) -> &str {
        self.nearest(&(self.vector(b) - self.vector(a) + self.vector(c)), &[a, b, c])[0]
    }

    /// The correlation between the products of vectors and what they should come to (Levy & Goldberg 2014): the logarithm of how much more often
    /// two words are neighbours than by chance, less ln(NEGATIVES). Over the pairs that come at least 20 times.
    fn correlation(&self) -> f64 {
        let count = self.text.words.len();
        let mut together = vec![0.0; count * count];
        self.pairs.iter().for_each(|[word, neighbour]| together[word * count + neighbour] += 1.0);
        let products =
            self.words.weight().value().matmul(&self.neighbours.weight().value().transpose()).to_vec::<f64>();
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        for (word, row) in together.chunks(count).enumerate() {
            let of_word: f64 = row.iter().sum();
            for (neighbour, &times) in row.iter().enumerate().filter(|(_, times)| **times >= 20.0) {
                found.push(products[word * count + neighbour]);
                expected.push((times / of_word / self.noise[neighbour]).ln() - (NEGATIVES as f64).ln());
            }
        }
        let centred = |values: Vec<f64>| {
            let values = Tensor::from(values);
            &values - values.mean()
        };
        let (a, b) = (centred(found), centred(expected));
        ((&a * &b).sum() / (a.norm() * b.norm())).item()
    }
}

const ANALOGIES: [[&str; 4]; 4] = [
    ["man", "king", "woman", "queen"],
    ["man", "boy", "woman", "girl"],
    ["king", "prince", "queen", "princess"],
    ["boy", "girl", "prince", "princess"],
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vectors = Vectors::train(7)?;
    println!("\nThe nearest words, by the cosine of the vectors:");
    for word in ["whale", "cow", "queen", "boy", "palace", "he"] {
        println!("  {word:<8} {}", vectors.nearest(&vectors.vector(word), &[word])[..4].join(", "));
    }
    println!("\nDifferences of vectors mean something, too:");
    for [a, b, c, _] in ANALOGIES {
        println!("  {a} is to {b} as {c} is to {}", vectors.analogy(a, b, c));
    }
    println!("\nThe product of two vectors measures how much more often than by chance their words are neighbours:");
    println!("correlation with that logarithm, counted in the text: {:.3}", vectors.correlation());
    Ok(())
}

#[test]
fn words_are_near_their_like() {
    let vectors = Vectors::train(7).unwrap();
    for group in [&SEA[..], &FARM, &PEOPLE] {
        for word in group {
            let nearest = vectors.nearest(&vectors.vector(word), &[word])[0];
            assert!(group.contains(&nearest), "{word}: {nearest}");
        }
    }
    let right = ANALOGIES.iter().filter(|[a, b, c, d]| vectors.analogy(a, b, c) == *d).count();
    assert!(right >= 3, "{right} of 4 analogies");
    assert!(vectors.correlation() > 0.9, "{}", vectors.correlation());
}
