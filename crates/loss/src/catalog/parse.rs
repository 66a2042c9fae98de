//! Reads the text of a formula.

use super::formula::{Definition, Expression, Fold, Formula};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    /// Subscript letters.
    Indices(Vec<String>),
    Power(i32),
    /// `[` right after a name: an index.
    Index,
    Sign(char),
}

const INDEX_LETTERS: [(char, &str); 6] = [('ᵢ', "i"), ('ⱼ', "j"), ('ₖ', "k"), ('ₗ', "l"), ('ₘ', "m"), ('ₙ', "n")];
pub(super) const FUNCTIONS: [&str; 25] = [
    "ln", "exp", "σ", "softplus", "tanh", "cosh", "sinh", "sign", "√", "floor", "min", "max", "abs", "sin", "cos",
    "tan", "atan", "atan2", "lnΓ", "ψ", "erf", "Φ", "φ", "lnI₀", "acos",
];
const WORDS: [&str; 4] = ["if", "else", "and", "or"];

fn index_letter(letter: char) -> Option<String> {
    INDEX_LETTERS.iter().find(|(subscript, _)| *subscript == letter).map(|(_, plain)| plain.to_string())
}

fn is_name(letter: char) -> bool {
    let other = "½¼²³√".contains(letter) || index_letter(letter).is_some();
    !other && (letter.is_alphanumeric() || letter == '_' || letter == '′' || ('\u{300}'..='\u{36f}').contains(&letter))
}

fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        let run = |holds: &dyn Fn(char) -> bool| -> String {
            letters[at..].iter().copied().take_while(|&letter| holds(letter)).collect()
        };
        let (token, length) = if letter.is_whitespace() {
            at += 1;
            continue;
        } else if letter.is_ascii_digit() {
            let digits = run(&|letter| letter.is_ascii_digit() || letter == '.');
            (Token::Number(digits.parse().expect("a number")), digits.chars().count())
        } else if index_letter(letter).is_some() {
            let indices: Vec<String> = letters[at..].iter().map_while(|&letter| index_letter(letter)).collect();
            let length = indices.len();
            (Token::Indices(indices), length)
        } else if is_name(letter) {
            let name = run(&is_name);
            let length = name.chars().count();
            (Token::Name(name), length)
        } else {
            let adjacent = at > 0 && is_name(letters[at - 1]);
            let token = match letter {
                '½' => Token::Number(0.5),
                '¼' => Token::Number(0.25),
                '∞' => Token::Number(f64::INFINITY),
                '√' => Token::Name("√".into()),
                '²' => Token::Power(2),
                '³' => Token::Power(3),
                '[' if adjacent => Token::Index,
                '−' => Token::Sign('-'),
                '·' | '×' => Token::Sign('*'),
                other => Token::Sign(other),
            };
            (token, 1)
        };
        tokens.push(token);
        at += length;
    }
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Whether a `|` would close the absolute value that is being read.
    in_absolute: bool,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Token {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned().unwrap_or_else(|| panic!("the formula ends too early"))
    }

    fn skip(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn skip_sign(&mut self, sign: char) -> bool {
        self.skip(&Token::Sign(sign))
    }

    fn skip_word(&mut self, word: &str) -> bool {
        self.skip(&Token::Name(word.into()))
    }

    fn expect(&mut self, sign: char) {
        let rest = format!("{:?}", &self.tokens[self.at.min(self.tokens.len())..]);
        assert!(self.skip_sign(sign), "`{sign}` is missing before {rest}");
    }

    fn cases(&mut self) -> Expression {
        let value = self.disjunction();
        if !self.skip_word("if") {
            return value;
        }
        let condition = self.disjunction();
        assert!(self.skip_word("else"), "a case without `else`");
        let otherwise = self.cases();
        Expression::If(Box::new([condition, value, otherwise]))
    }

    fn disjunction(&mut self) -> Expression {
        let mut left = self.conjunction();
        while self.skip_word("or") {
            left = Expression::Binary('∨', Box::new([left, self.conjunction()]));
        }
        left
    }

    fn conjunction(&mut self) -> Expression {
        let mut left = self.comparison();
        while self.skip_word("and") {
            left = Expression::Binary('∧', Box::new([left, self.comparison()]));
        }
        left
    }

    fn comparison(&mut self) -> Expression {
        let left = self.sum();
        match self.peek() {
            Some(&Token::Sign(sign)) if "=≠<≤>≥".contains(sign) => {
                self.at += 1;
                Expression::Binary(sign, Box::new([left, self.sum()]))
            }
            _ => left,
        }
    }

    fn sum(&mut self) -> Expression {
        let mut left = if self.skip_sign('-') { Expression::Negate(Box::new(self.product())) } else { self.product() };
        loop {
            let sign = if self.skip_sign('+') {
                '+'
            } else if self.skip_sign('-') {
                '-'
            } else {
                return left;
            };
            left = Expression::Binary(sign, Box::new([left, self.product()]));
        }
    }

    fn product(&mut self) -> Expression {
        let mut left = self.power();
        loop {
            let sign = if self.skip_sign('/') {
                '/'
            } else if self.skip_sign('*') || self.starts_factor() {
                '*'
            } else {
                return left;
            };
            left = Expression::Binary(sign, Box::new([left, self.power()]));
        }
    }

    fn starts_factor(&self) -> bool {
        match self.peek() {
            Some(Token::Number(_)) => true,
            Some(Token::Name(name)) => !WORDS.contains(&name.as_str()),
            Some(Token::Sign('|')) => !self.in_absolute,
            Some(Token::Sign(sign)) => "([ΣΠ".contains(*sign),
            _ => false,
        }
    }

    fn power(&mut self) -> Expression {
        let base = self.factor();
        self.raised(base)
    }

    fn raised(&mut self, base: Expression) -> Expression {
        if let Some(&Token::Power(exponent)) = self.peek() {
            self.at += 1;
            return Expression::Binary('^', Box::new([base, Expression::Number(f64::from(exponent))]));
        }
        if self.skip_sign('^') {
            let exponent = self.factor();
            return Expression::Binary('^', Box::new([base, exponent]));
        }
        base
    }

    /// Reads up to a closing sign; a `|` inside opens an absolute value of its own.
    fn enclosed(&mut self, close: char) -> Expression {
        let outer = std::mem::replace(&mut self.in_absolute, close == '|');
        let inner = self.cases();
        self.in_absolute = outer;
        self.expect(close);
        inner
    }

    fn factor(&mut self) -> Expression {
        match self.next() {
            Token::Number(number) => Expression::Number(number),
            Token::Sign('(') => self.enclosed(')'),
            Token::Sign('[') => self.enclosed(']'),
            Token::Sign('|') => Expression::Apply("abs".into(), vec![self.enclosed('|')]),
            Token::Sign('Σ') => self.fold(Fold::Sum),
            Token::Sign('Π') => self.fold(Fold::Product),
            Token::Name(name) if name == "Σ" => self.fold(Fold::Sum),
            Token::Name(name) if name == "Π" => self.fold(Fold::Product),
            Token::Name(name) if FUNCTIONS.contains(&name.as_str()) => self.applied(name),
            Token::Name(name) if !WORDS.contains(&name.as_str()) => {
                let indices = match self.peek().cloned() {
                    Some(Token::Indices(letters)) => {
                        self.at += 1;
                        letters.into_iter().map(|letter| Expression::Symbol(letter, vec![])).collect()
                    }
                    Some(Token::Index) => {
                        self.at += 1;
                        self.list(']')
                    }
                    _ => vec![],
                };
                Expression::Symbol(name, indices)
            }
            other => panic!("{other:?} where a number or symbol belongs"),
        }
    }

    fn list(&mut self, close: char) -> Vec<Expression> {
        let outer = std::mem::replace(&mut self.in_absolute, false);
        let mut list = vec![self.cases()];
        while self.skip_sign(',') {
            list.push(self.cases());
        }
        self.in_absolute = outer;
        self.expect(close);
        list
    }

    fn applied(&mut self, name: String) -> Expression {
        let extreme = match name.as_str() {
            "max" => Some(Fold::Greatest),
            "min" => Some(Fold::Least),
            _ => None,
        };
        let folds = matches!(self.peek(), Some(Token::Indices(_) | Token::Sign('{')));
        if let (Some(fold), true) = (extreme, folds) {
            return self.fold(fold);
        }
        let exponent = match self.peek() {
            Some(&Token::Power(exponent)) => {
                self.at += 1;
                Some(exponent)
            }
            _ => None,
        };
        let arguments = if self.skip_sign('(') { self.list(')') } else { vec![self.power()] };
        let applied = Expression::Apply(name, arguments);
        match exponent {
            Some(exponent) => Expression::Binary('^', Box::new([applied, Expression::Number(f64::from(exponent))])),
            None => applied,
        }
    }

    fn fold(&mut self, fold: Fold) -> Expression {
        let (letters, condition) = match self.next() {
            Token::Indices(letters) => (letters, None),
            Token::Sign('{') => self.fold_condition(),
            other => panic!("{other:?} where the index of a sum belongs"),
        };
        Expression::Fold(fold, letters, condition, Box::new(self.product()))
    }

    /// `{i, j : condition}`, or `{j ≠ i}`, which is short for `{j : j ≠ i}`.
    fn fold_condition(&mut self) -> (Vec<String>, Option<Box<Expression>>) {
        let start = self.at;
        let mut letters = Vec::new();
        while let Some(Token::Name(letter)) = self.peek().cloned() {
            self.at += 1;
            letters.push(letter);
            self.skip_sign(',');
        }
        if !self.skip_sign(':') {
            letters.truncate(1);
            self.at = start;
        }
        let condition = self.enclosed('}');
        (letters, Some(Box::new(condition)))
    }
}

impl Formula {
    /// Reads a block of definitions, the first of which is `ℓ`.
    pub fn parse(block: &str) -> Formula {
        let mut lines: Vec<String> = Vec::new();
        for line in block.lines().filter(|line| !line.trim().is_empty()) {
            match lines.last_mut() {
                Some(last) if line.starts_with(' ') => last.push_str(line),
                _ => lines.push(line.into()),
            }
        }
        let definitions: Vec<Definition> = lines.iter().map(|line| definition(line)).collect();
        assert_eq!(definitions.first().map(|first| first.name.as_str()), Some("ℓ"), "a formula begins with `ℓ = `");
        Formula { definitions }
    }

    /// The index letters of `ℓ`.
    pub fn indices(&self) -> &[String] {
        &self.definitions[0].indices
    }
}

fn definition(line: &str) -> Definition {
    let mut parser = Parser { tokens: tokens(line), at: 0, in_absolute: false };
    let Token::Name(name) = parser.next() else { panic!("`{line}` defines nothing") };
    let indices = match parser.peek().cloned() {
        Some(Token::Indices(letters)) => {
            parser.at += 1;
            letters
        }
        _ => vec![],
    };
    parser.expect('=');
    let body = parser.cases();
    let rest = &parser.tokens[parser.at..];
    assert!(rest.is_empty(), "`{line}`: what is {rest:?}?");
    Definition { name, indices, body }
}
