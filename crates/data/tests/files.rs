//! Array files against those that NumPy wrote, and damaged in every place.

use std::io::Cursor;

use minimand_data::{Array, ElementType, FileError, FileFault, Half, Values, idx, npy, npz};
use minimand_tensor::DType;
use proptest::prelude::*;
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/arrays.json")).unwrap()
}

fn cases(name: &str) -> Vec<Value> {
    recorded()[name].as_array().unwrap().clone()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len() / 2).map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap()).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn shape(case: &Value) -> Vec<usize> {
    numbers(&case["shape"]).into_iter().map(|size| size as usize).collect()
}

fn element(code: &str) -> ElementType {
    let names = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"];
    ElementType::ALL[names.iter().position(|name| *name == code).unwrap()]
}

fn read_npy(bytes: &[u8]) -> Result<Array, FileError> {
    npy::read_from(bytes, "a.npy")
}

fn read_idx(bytes: &[u8]) -> Result<Array, FileError> {
    idx::read_from(bytes, "a.idx")
}

fn read_npz(bytes: &[u8]) -> Result<Vec<(String, Array)>, FileError> {
    npz::read_from(Cursor::new(bytes), "a.npz")
}

#[track_caller]
fn assert_same(array: &Array, case: &Value) {
    assert_eq!(array.shape(), shape(case));
    assert_eq!(array.to_tensor_of(DType::F64).to_vec::<f64>(), numbers(&case["values"]));
}

/// What a file holds that was written and is read as bytes.
fn written(write: impl Fn(&std::path::Path) -> Result<(), FileError>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    write(&path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn every_element_type_order_and_layout_of_numpy_is_read() {
    assert_eq!(cases("npy").len(), 48);
    for case in cases("npy") {
        let array = read_npy(&bytes(&case["bytes"])).unwrap();
        assert_eq!(array.element_type(), element(case["code"].as_str().unwrap()));
        assert_same(&array, &case);
    }
}

#[test]
fn every_shape_and_version_of_numpy_is_read() {
    for case in cases("shapes") {
        assert_same(&read_npy(&bytes(&case["bytes"])).unwrap(), &case);
    }
    for (case, version) in cases("versions").iter().zip(1..) {
        let bytes = bytes(&case["bytes"]);
        assert_eq!(bytes[6], version);
        assert_eq!(read_npy(&bytes).unwrap(), Array::new(Values::F64(vec![1.5, -2.0]), [2]));
    }
}

#[test]
fn what_is_written_is_numpy_s_own_file() {
    let cases = [cases("npy"), cases("shapes")].concat();
    let natural = |case: &&Value| {
        let one_byte = case["code"].as_str().is_some_and(|code| code.ends_with('1') && case["order"] == ">");
        case["layout"] == "C" && (case["order"] != ">" || one_byte)
    };
    let mut compared = 0;
    for case in cases.iter().filter(natural) {
        let bytes = bytes(&case["bytes"]);
        let array = read_npy(&bytes).unwrap();
        assert_eq!(written(|path| npy::write(path, &array)), bytes);
        compared += 1;
    }
    assert_eq!(compared, 12 + 3 + 6);
}

#[test]
fn what_is_no_number_is_refused_by_name() {
    for case in cases("refused") {
        let error = read_npy(&bytes(&case["bytes"])).unwrap_err();
        assert!(matches!(error.fault, FileFault::UnknownElements { .. }));
        let start = format!("a.npy: holds {}", case["what"].as_str().unwrap());
        assert!(error.to_string().starts_with(&start), "{error}");
    }
}

#[test]
fn archives_of_numpy_are_read_and_ours_are_alike() {
    let expected = [
        ("x".to_owned(), Array::new(Values::F32(vec![0.5, 1.5, 2.5, -3.5]), [2, 2])),
        ("y".to_owned(), Array::new(Values::I64(vec![3, 1, 2]), [3])),
    ];
    for (case, compression) in cases("npz").iter().zip([npz::Compression::Stored, npz::Compression::Deflated]) {
        assert_eq!(read_npz(&bytes(&case["bytes"])).unwrap(), expected);
        let arrays = || expected.iter().map(|(name, array)| (name.as_str(), array));
        let ours = written(|path| npz::write(path, arrays(), compression));
        assert_eq!(read_npz(&ours).unwrap(), expected);
        assert_eq!(ours, written(|path| npz::write(path, arrays(), compression)));
    }
    let twice = [("x", &expected[0].1), ("x", &expected[0].1)];
    let folder = tempfile::tempdir().unwrap();
    let error = npz::write(folder.path().join("a.npz"), twice, npz::Compression::Stored).unwrap_err();
    assert!(matches!(error.fault, FileFault::NotWritable { .. }), "{error}");
}

#[test]
fn every_kind_of_idx_is_read_packed_or_not_and_written_alike() {
    assert_eq!(cases("idx").len(), 18);
    for case in cases("idx") {
        let raw = bytes(&case["bytes"]);
        let array = read_idx(&raw).unwrap();
        assert_same(&array, &case);
        assert_eq!(read_idx(&bytes(&case["packed"])).unwrap(), array);
        assert_eq!(written(|path| idx::write(path, &array)), raw);
    }
    let refused = idx::write("never.idx", &Array::new(Values::U64(vec![1]), [1])).unwrap_err();
    assert_eq!(refused.to_string(), "never.idx: cannot be written: IDX has no elements of u64");
}

#[test]
fn a_file_cut_anywhere_or_longer_by_a_byte_is_an_error() {
    let read = |format: &str, bytes: &[u8]| match format {
        "idx" => read_idx(bytes).map(drop),
        "npz" => read_npz(bytes).map(drop),
        _ => read_npy(bytes).map(drop),
    };
    for format in ["npy", "shapes", "versions", "npz", "idx"] {
        for case in cases(format) {
            for name in ["bytes", "packed"] {
                let Value::String(_) = case[name] else { continue };
                let whole = bytes(&case[name]);
                assert!(read(format, &whole).is_ok());
                for length in 0..whole.len() {
                    assert!(read(format, &whole[..length]).is_err(), "{format}: {length} of {} bytes", whole.len());
                }
                if format != "npz" {
                    assert!(read(format, &[&whole[..], &[0]].concat()).is_err(), "{format}, one byte more");
                }
            }
        }
    }
}

#[test]
fn a_changed_byte_in_a_packed_member_is_noticed_or_harmless() {
    for case in cases("npz") {
        let whole = bytes(&case["bytes"]);
        let expected = read_npz(&whole).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x55;
            if let Ok(arrays) = read_npz(&damaged) {
                // Names, times and attributes have no checksum.
                assert!(arrays.iter().map(|(_, array)| array).eq(expected.iter().map(|(_, array)| array)), "{place}");
            }
        }
    }
}

#[test]
fn each_fault_is_said_with_the_file() {
    let said = |result: Result<Array, FileError>| result.unwrap_err().to_string();
    assert_eq!(said(read_idx(b"")), "a.idx: is no IDX file: it begins with nothing: it is empty");
    assert_eq!(said(read_idx(b"\x89PNG")), "a.idx: is no IDX file: it begins with 89 50 4e 47");
    assert_eq!(said(read_idx(&[0, 0, 8])), "a.idx: is cut short: it ends within its header, after 3 bytes");
    assert_eq!(said(read_idx(&[0, 0, 8, 2, 0, 0])), "a.idx: is cut short: it ends within its header, after 6 bytes");
    let unknown = said(read_idx(&[0, 0, 7, 1, 0, 0, 0, 0]));
    assert!(unknown.starts_with("a.idx: holds elements of type 0x07; 0x08 (u8)"), "{unknown}");
    let huge = [&[0, 0, 14, 3][..], &[0xff; 12]].concat();
    assert_eq!(
        said(read_idx(&huge)),
        "a.idx: its header says [4294967295, 4294967295, 4294967295] of f64: more than memory can hold"
    );
    let large = [&[0, 0, 8, 2][..], &[0xff; 8]].concat();
    assert_eq!(
        said(read_idx(&large)),
        "a.idx: its header says [4294967295, 4294967295] of u8: more than memory can hold"
    );
    // Memory has so many addresses, but there is nothing: none is asked for.
    let large = [&[0, 0, 8, 2][..], &[0x7f, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 1]].concat();
    assert_eq!(
        said(read_idx(&large)),
        "a.idx: is cut short: [2147483647, 16777215] of u8 is 36028794854703105 bytes, and there are 1"
    );
    let missing = idx::read("no/such/file.gz").unwrap_err().to_string();
    assert!(missing.starts_with("no/such/file.gz: cannot be read: "), "{missing}");

    let header = |text: &str| {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        said(read_npy(&bytes))
    };
    let damaged = "a.npy: its header is damaged: ";
    for (text, reason) in [
        ("", "'{' is expected where \"\" stands"),
        ("{'descr': '<f8', 'fortran_order': False}", "it has no \"shape\""),
        ("{'descr': '<f8', 'shape': (), 'shape': ()}", "it has \"shape\" twice"),
        ("{'descr': '<f8', 'fortran_order': Maybe, }", "True or False is expected where \"Maybe, }\" stands"),
        ("{'descr': 'f8', 'fortran_order': False, 'shape': (1,), }", "\"f8\" is no description of elements"),
        ("{'descr': '|f8', 'fortran_order': False, 'shape': (1,), }", "\"|f8\" says no order of bytes"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", "a size is expected where \"-1,), }\" stands"),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
            "99999999999999999999 is no size of an axis",
        ),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x", "it goes on after its dictionary"),
        ("{'descr': '<f8', 'colour': 1}", "it has an unknown entry \"colour\""),
        ("{'descr': '<f8", "a text in it has no end"),
    ] {
        assert_eq!(header(text), format!("{damaged}{reason}"));
    }
    for shape in ["(4611686018427387904, 4)", "(0, 9223372036854775807, 9)"] {
        let said = header(&format!("{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}, }}"));
        assert!(said.ends_with("of f64: more than memory can hold"), "{said}");
    }
    assert_eq!(said(read_npy(b"\x93NUMPY\x04\x00")), format!("{damaged}version 4.0 is unknown; 1 to 3 can be read"));
    let long = said(read_npy(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"));
    assert_eq!(long, format!("{damaged}it would be 4294967295 bytes long"));

    let not_zip = read_npz(b"PK, but no archive").unwrap_err();
    assert!(not_zip.to_string().starts_with("a.npz: is no archive that can be read: "), "{not_zip}");
    let mut archive = bytes(&cases("npz")[0]["bytes"]);
    let place = archive.windows(6).position(|window| window == b"\x93NUMPY").unwrap();
    archive[place] = b'?';
    let error = read_npz(&archive).unwrap_err().to_string();
    assert!(error.starts_with("a.npz, x.npy: is no .npy file: it begins with 3f 4e"), "{error}");
}

#[test]
fn tensors_hold_what_arrays_held() {
    let large = Array::new(Values::U64(vec![0, u64::MAX]), [2]);
    let error = large.to_tensor().unwrap_err();
    assert_eq!((error.index, error.value), (1, u64::MAX));
    assert_eq!(large.to_tensor_of(DType::I64).to_vec::<i64>(), [0, i64::MAX]);
    assert_eq!(large.to_tensor_of(DType::Bool).to_vec::<bool>(), [false, true]);
    let half = Array::new(Values::F16(vec![Half::from_f32(0.1), Half::from_f32(f32::NAN)]), [2]);
    let tensor = half.to_tensor().unwrap();
    assert_eq!(tensor.dtype(), DType::F32);
    assert!(tensor.to_vec::<f32>()[1].is_nan());
    for (values, dtype) in [
        (Values::Bool(vec![true]), DType::Bool),
        (Values::U8(vec![9]), DType::I64),
        (Values::I64(vec![-(1 << 60) - 1]), DType::I64),
        (Values::F32(vec![0.1]), DType::F32),
        (Values::F64(vec![0.1]), DType::F64),
    ] {
        let array = Array::new(values, [1, 1]);
        let tensor = array.to_tensor().unwrap();
        assert_eq!((tensor.dtype(), tensor.shape().to_vec()), (dtype, vec![1, 1]));
        if array.element_type() != ElementType::U8 {
            assert_eq!(Array::from(&tensor), array);
        }
    }
}

/// Fashion-MNIST in part: 200 and 100 pictures of each class, sorted by index.
#[test]
fn the_pictures_of_fashion_are_read() {
    let file = |name: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(name);
    for (part, count) in [("fashion2k-train", 2000), ("fashion1k-test", 1000)] {
        let pictures = idx::read(file(&format!("{part}-images-idx3-ubyte.gz"))).unwrap();
        assert_eq!((pictures.shape(), pictures.element_type()), (&[count, 28, 28][..], ElementType::U8));
        let labels = idx::read(file(&format!("{part}-labels-idx1-ubyte.gz"))).unwrap().to_tensor().unwrap();
        let of_class = labels.one_hot(10).sum_axis(0).to_vec::<f64>();
        assert_eq!(of_class, vec![count as f64 / 10.0; 10]);
        // The mean and deviation of all 60,000 pictures are 0.2860 and 0.3530.
        let x = pictures.to_tensor_of(DType::F32) / 255.0;
        assert!((x.mean().item() - 0.286).abs() < 0.005 && (x.std(0).item() - 0.353).abs() < 0.005);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), start in 0usize..4) {
        let starts: [&[u8]; 4] = [b"", &[0, 0, 8], b"\x93NUMPY\x01\x00", b"PK\x03\x04"];
        let bytes = [starts[start], &bytes].concat();
        let _ = (read_idx(&bytes), read_npy(&bytes), read_npz(&bytes));
    }

    #[test]
    fn headers_with_a_changed_byte_are_read_or_refused(place in 0usize..128, byte: u8) {
        let mut bytes = bytes(&cases("npy")[44]["bytes"]);
        bytes[place] = byte;
        let _ = read_npy(&bytes);
    }

    #[test]
    fn whatever_is_written_comes_back(values in prop::collection::vec(any::<f64>(), 0..40), axes in 0usize..4) {
        let mut shape = vec![1; axes];
        shape.push(values.len());
        let array = Array::new(Values::F64(values.clone()), shape);
        let bits = |array: &Array| match array.values() {
            Values::F64(values) => values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        for back in [
            read_npy(&written(|path| npy::write(path, &array))).unwrap(),
            read_idx(&written(|path| idx::write(path, &array))).unwrap(),
            read_npz(&written(|path| npz::write(path, [("a", &array)], npz::Compression::Deflated))).unwrap().remove(0).1,
        ] {
            prop_assert_eq!(back.shape(), array.shape());
            prop_assert_eq!(bits(&back), bits(&array));
        }
    }
}
