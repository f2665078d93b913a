#pragma once

/// How often this process has asked for memory since its start.
///
/// Linking this library replaces malloc, calloc, realloc and the aligned kinds by ones that count
/// and then call the C library's own.
unsigned long vigie_allocation_count(void);
