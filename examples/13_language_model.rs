//! A language model: a transformer that reads a text letter by letter, guesses the next, and so learns to write.
//!
//! The text is made by a small grammar. So it is known how well the best of all models could guess, and each sentence that ours writes can be
//! judged.
//!
//! `cargo run --release --example 13_language_model`

use minimand::prelude::*;

const ADJECTIVES: [&str; 5] = ["old", "red", "small", "sleepy", "clever"];
const NOUNS: [&str; 6] = ["cat", "dog", "frog", "hen", "goat", "owl"];
const VERBS: [&str; 6] = ["see", "hear", "fear", "like", "chase", "greet"];

/// What the model may look back at, in letters.
const CONTEXT: usize = 64;
const BATCH: usize = 32;

/// One sentence: `the old cats that the dog sees fear the hen.` The verb agrees with its subject, even where a clause stands between them: there
/// the last noun before the verb is the wrong one to look at.
fn sentence(rng: &mut Rng) -> String {
    let mut coin = || rng.below(2) == 1;
    let (many, described, clause, many_inside, many_objects) = (coin(), coin(), coin(), coin(), coin());
    let mut pick = |words: &[&'static str]| words[rng.below(words.len())];
    let noun = |many: bool, noun: &str| format!("{noun}{}", if many { "s" } else { "" });
    let verb = |many: bool, verb: &str| format!("{verb}{}", if many { "" } else { "s" });
    let mut text = "the ".to_owned();
    if described {
        text += &format!("{} ", pick(&ADJECTIVES));
    }
    text += &noun(many, pick(&NOUNS));
    if clause {
        text += &format!(" that the {} {}", noun(many_inside, pick(&NOUNS)), verb(many_inside, pick(&VERBS)));
    }
    text + &format!(" {} the {}.\n", verb(many, pick(&VERBS)), noun(many_objects, pick(&NOUNS)))
}

/// The surprise, in nats, of a whole sentence to somebody who knows the grammar: the logarithm of how many there are, each counted by how often
/// it comes.
fn surprise_of_a_sentence() -> f64 {
    let [coin, adjective, noun, verb] = [2.0f64, 5.0, 6.0, 6.0].map(f64::ln);
    (coin + noun) + (coin + 0.5 * adjective) + (coin + 0.5 * (coin + noun + verb)) + verb + (coin + noun)
}

/// Whether a sentence is one of the grammar, and if not, why.
fn judge(sentence: &str) -> Result<(), &'static str> {
    let subject = |word: &str| match word.strip_suffix('s') {
        Some(one) if NOUNS.contains(&one) => Some(true),
        _ => NOUNS.contains(&word).then_some(false),
    };
    let agrees = |many: bool, word: &str| {
        let stem = if many { Some(word) } else { word.strip_suffix('s') };
        let is_verb = |word: &str| VERBS.contains(&word);
        match stem.is_some_and(is_verb) {
            true => Ok(()),
            false if is_verb(word) || word.strip_suffix('s').is_some_and(is_verb) => Err("the verb does not agree"),
            false => Err("not a verb"),
        }
    };
    let mut words: Vec<&str> = sentence.strip_suffix('.').ok_or("no full stop")?.split(' ').collect();
    if words.len() > 1 && ADJECTIVES.contains(&words[1]) {
        words.remove(1);
    }
    let (subject_words, rest) = words.split_at_checked(2).ok_or("too short")?;
    let many = subject(subject_words[1]).filter(|_| subject_words[0] == "the").ok_or("no subject")?;
    let rest = match rest {
        ["that", "the", noun, verb, rest @ ..] => {
            agrees(subject(noun).ok_or("no noun in the clause")?, verb)?;
            rest
        }
        rest => rest,
    };
    let [verb, "the", object] = rest else { return Err("the words are out of order") };
    agrees(many, verb)?;
    subject(object).map(|_| ()).ok_or("no object")
}

/// Letters as numbers, and back.
struct Letters(Vec<char>);

impl Letters {
    fn of(text: &str) -> Letters {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        Letters(letters)
    }

    fn numbers(&self, text: &str) -> Vec<i64> {
        text.chars().filter_map(|letter| self.0.iter().position(|known| *known == letter)).map(|n| n as i64).collect()
    }

    fn text(&self, numbers: &[i64]) -> String {
        numbers.iter().map(|&number| self.0[number as usize]).collect()
    }
}

/// For each letter of the input the logits of the letter that follows it.
fn model(letters: usize, rng: &mut Rng) -> Sequential {
    let options = TransformerOptions {
        activation: Activation::Gelu,
        norm_first: true,
        causal: true,             // a letter sees those before it, and not what it is to guess
        rotary_base: Some(100.0), // and how far before: else a sentence would be a bag of letters
        ..Default::default()
    };
    Sequential::new()
        .then(Embedding::new(letters, 64, rng))
        .then(TransformerEncoder::new(64, 4, 2, options, rng))
        .then(Linear::new(64, letters, rng))
}

/// Pieces of the text from random places, and the letter that follows each of theirs.
fn pieces(text: &Tensor, letters: usize, rng: &mut Rng) -> Result<(Tensor, Labels), Box<dyn std::error::Error>> {
    let starts: Vec<i64> = (0..BATCH).map(|_| rng.below(text.elements() - CONTEXT) as i64).collect();
    let places = Tensor::from(starts).unsqueeze(-1) + Tensor::iota(CONTEXT);
    let next = Labels::from_tensor(text.index_select(0, &places + 1), letters)?;
    Ok((text.index_select(0, &places).computed(), next))
}

/// Lets the model write: so many letters in each of `count` texts at once, each drawn with the probability that it is given.
fn write(model: &Sequential, start: i64, count: usize, length: usize, rng: &mut Rng) -> Vec<Vec<i64>> {
    let mut texts = vec![vec![start]; count];
    for _ in 0..length {
        let seen = texts[0].len().min(CONTEXT);
        let window: Vec<i64> = texts.iter().flat_map(|text| text[text.len() - seen..].iter().copied()).collect();
        let logits = model.forward(&Tensor::from_vec(window, [count, seen])).at(1, seen - 1);
        let next = Tensor::categorical_with_logits(&logits, 1, rng).to_vec::<i64>();
        texts.iter_mut().zip(next).for_each(|(text, letter)| text.push(letter));
    }
    texts
}

/// The mean surprise of a letter to somebody who knows how often each letter comes.
fn surprise_of_frequencies(text: &[i64], letters: usize) -> f64 {
    let count = |letter: usize| text.iter().filter(|&&other| other == letter as i64).count() as f64;
    let shares = (0..letters).map(|letter| count(letter) / text.len() as f64);
    shares.filter(|share| *share > 0.0).map(|share| -share * share.ln()).sum()
}

struct Lesson {
    loss: f64,
    floor: f64,
    frequencies: f64,
    sentences: usize,
    right: usize,
}

fn train(steps: u64, seed: u64) -> Result<Lesson, Box<dyn std::error::Error>> {
    let mut rng = Rng::seed(seed);
    let sentences: Vec<String> = (0..6000).map(|_| sentence(&mut rng)).collect();
    let all = sentences.concat();
    let letters = Letters::of(&all);
    let count = letters.0.len();
    // What it is tested on, it has not read.
    let (read, unread) = sentences.split_at(5000);
    let (read, unread) = (letters.numbers(&read.concat()), letters.numbers(&unread.concat()));
    let frequencies = surprise_of_frequencies(&read, count);
    let floor = surprise_of_a_sentence() * sentences.len() as f64 / all.len() as f64;
    println!("{} letters to read, such as\n\n{}", read.len(), sentences[..3].concat());
    println!("Surprise by a letter, in nats: {:.3} if all are as likely,", (count as f64).ln());
    println!("{frequencies:.3} if one knows how often each comes, {floor:.3} if one knows the grammar.\n");

    let model = model(count, &mut rng);
    let (read, unread) = (Tensor::from(read), Tensor::from(unread));
    let schedule = Schedule::LinearWarmup { steps: 20, start_factor: 0.05 };
    let schedule = schedule.then(20, Schedule::Cosine { period: steps - 20, minimum: 0.0 });
    let options = AdamOptions { learning_rate: 5e-3, ..Default::default() };
    let mut adam = Adam::new(model.parameters(), options).with_schedule(schedule);
    println!("step    loss   (mean surprise by the next letter, {} parameters)", model.parameter_count().total);
    for step in 1..=steps {
        let (x, next) = pieces(&read, count, &mut rng)?;
        let loss = adam.step(&cross_entropy(&model.forward(&x), &next).mean())?.loss();
        if step == 1 || step % 50 == 0 {
            println!("{step:4} {loss:7.3}");
        }
    }

    // Only letters that have at least half of the context before them: to the first of a piece, the grammar itself would be no help.
    let mut loss = 0.0;
    for _ in 0..8 {
        let (x, next) = pieces(&unread, count, &mut rng)?;
        loss += cross_entropy(&model.forward(&x), &next).slice(1, CONTEXT / 2..).mean().item() / 8.0;
    }
    println!("\nOn text that it has not read: {loss:.3}, where the grammar itself leaves {floor:.3}.");

    // It begins each text after the end of a line.
    let texts = write(&model, letters.numbers("\n")[0], 16, 200, &mut rng);
    let written: Vec<String> = texts.iter().map(|text| letters.text(text).trim_start().to_owned()).collect();
    println!("It writes:\n\n{}", written[0]);
    // The last line of each text is cut off.
    let lines: Vec<&str> =
        written.iter().filter_map(|text| text.rsplit_once('\n')).flat_map(|(whole, _)| whole.lines()).collect();
    let right = lines.iter().filter(|line| judge(line).is_ok()).count();
    println!();
    if let Some((line, fault)) = lines.iter().find_map(|line| judge(line).err().map(|fault| (line, fault))) {
        println!("A wrong one ({fault}): {line}");
    }
    Ok(Lesson { loss, floor, frequencies, sentences: lines.len(), right })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Lesson { loss, floor, frequencies, sentences, right } = train(700, 7)?;
    println!("Of {sentences} sentences that it wrote, {right} are right.\n");
    println!(
        "Nobody told it of words, nouns or agreement: to guess the next letter is to learn them. Of what there is to learn"
    );
    println!(
        "beyond the frequencies of letters, it has learned {:.1} %.",
        100.0 * (frequencies - loss) / (frequencies - floor)
    );
    Ok(())
}

#[test]
fn it_learns_the_grammar() {
    let Lesson { loss, floor, sentences, right, .. } = train(200, 7).unwrap();
    assert!(floor < loss + 0.02 && loss < floor + 0.12, "{loss}, {floor}");
    assert!(sentences > 40 && 5 * right > sentences, "{right} of {sentences}");
}

#[test]
fn the_judge_knows_the_grammar() {
    let mut rng = Rng::seed(7);
    assert!((0..500).all(|_| judge(sentence(&mut rng).trim_end()).is_ok()));
    assert_eq!(judge("the cats that the dog sees fears the hen."), Err("the verb does not agree"));
    assert_eq!(judge("the cat that the dogs see fears hens."), Err("the words are out of order"));
    assert!(
        ["", "the.", "the cat", "cat sees the dog.", "the cat sees the the."].iter().all(|text| judge(text).is_err())
    );
}
