//! Executable memory.
#![allow(unsafe_code)]

use std::ptr::NonNull;

/// Machine code that can be called: pages that were written once and can since only be read and run.
#[derive(Debug)]
pub(crate) struct Executable {
    start: NonNull<u8>,
    /// How many bytes are mapped.
    length: usize,
}

// SAFETY: the pages belong to this value alone, and nobody writes to them.
unsafe impl Send for Executable {}
// SAFETY: as above; reading and running from several threads at once is fine.
unsafe impl Sync for Executable {}

impl Executable {
    /// Copies the code into pages of its own; `None` if the system refuses.
    pub(crate) fn new(code: &[u8]) -> Option<Executable> {
        let length = code.len().max(1);
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping at an address that the system chooses touches no memory in use.
        let pages = unsafe { libc::mmap(std::ptr::null_mut(), length, access, kind, -1, 0) };
        if pages == libc::MAP_FAILED {
            return None;
        }
        let executable = Executable { start: NonNull::new(pages.cast())?, length };
        // SAFETY: the new pages are ours, writable and at least as long as the code, which lies elsewhere.
        unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), executable.start.as_ptr(), code.len()) };
        // SAFETY: the pages are ours, and nothing refers to them yet.
        let refused = unsafe { libc::mprotect(pages, length, libc::PROT_READ | libc::PROT_EXEC) } != 0;
        (!refused).then_some(executable)
    }

    /// The bytes of the pages.
    pub(crate) fn bytes(&self) -> usize {
        const PAGE: usize = 4096;
        self.length.next_multiple_of(PAGE)
    }

    /// Where the code starts, aligned to a page. Whoever calls it must keep the value alive meanwhile.
    pub(crate) fn entry(&self) -> *const u8 {
        self.start.as_ptr()
    }
}

impl Drop for Executable {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, of this length, and unmapped only here.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}
