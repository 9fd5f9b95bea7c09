/* SPDX-License-Identifier: Apache-2.0 */
/* Of the packer alone: tiles of a layer, in the order of the stream, cut and ordered as
 * docs/reference/streams.md says.
 */
#ifndef MSQ_PLAN_H
#define MSQ_PLAN_H

#include "msq_layer.h"

/* Limits that are those of the capability registers. */
enum { MSQ_MOST_PLACES = 256, MSQ_MOST_COLUMNS = 256, MSQ_MOST_BLOCKS = 64, MSQ_ROW_WORDS = 4 };
enum { MSQ_MOST_STAGES = 7, MSQ_MOST_BANDS = 128 };

/* Growing array. */
typedef struct msq_vector {
  unsigned char* data;
  size_t item, count, capacity; /* bytes of an item; items */
} msq_vector;

/* The next items, zeroed; null without memory. */
void* msq_vector_grow(msq_vector* vector, size_t count, const msq_allocator* allocator);
void msq_vector_free(msq_vector* vector, const msq_allocator* allocator);

/* An outlier of a part: number of its micro-block in the tile, and its entry of the stream without the skip.
 */
typedef struct msq_entry {
  uint32_t number;
  uint32_t bits;
} msq_entry;

/* In place of an offset into `bytes`. */
#define MSQ_NATURAL SIZE_MAX        /* order: place p holds row p */
#define MSQ_ALL_ROWS SIZE_MAX       /* inliers */
#define MSQ_NO_ROWS (SIZE_MAX - 1U) /* inliers */

/* A part of a tile: what the array takes as one tile. */
typedef struct msq_part {
  uint32_t tile; /* number of the tile in the order of K */
  uint32_t n0;   /* its first column */
  size_t entry, entries;
  size_t order;                    /* offset of the row at each place */
  size_t inliers;                  /* offset of a bit for each row whose inliers the part has */
  uint32_t flagged[MSQ_ROW_WORDS]; /* path recon: physical rows with outliers */
  uint8_t excess, first, more, scales, shifts, interval;
} msq_part;

typedef struct msq_plan {
  msq_vector parts, entries, bytes;
  size_t packet_bytes;
} msq_plan;

struct msq_pack {
  msq_allocator allocator;
  msq_capabilities array;
  msq_request request;
  msq_weights weights;
  uint32_t places;  /* of a tile: rows of PEs, twice as many in mode 2 of two places */
  uint32_t ways;    /* places of the array */
  uint32_t columns; /* of a tile */
  uint32_t blocks;  /* micro-blocks of a row of a tile, at one place; 0 on path none */
  uint32_t bands;
  uint32_t tile_rows; /* of a tile along K */
  uint32_t tiles_k;   /* tiles along K */
  uint32_t pairs;     /* a tile takes two of them */
  uint32_t tiles;     /* tiles in the order of K */
  uint32_t pass_tokens, passes;
  int8_t* references; /* Iref [N] */
  uint8_t* live;      /* axis output: [K][groups], 1 if a weight of the row there is not zero */
  msq_plan plans[2];  /* path recon: of passes with more than one token, of those with one */
  uint8_t* gaps;      /* path recon: [passes][parts] */
};

/* First position of K of a tile, and behind the last one. */
void msq_tile_range(const msq_pack* pack, uint32_t tile, uint32_t* first, uint32_t* end);
/* Position of K of a row of a tile, UINT32_MAX for a row of zeros. */
uint32_t msq_row_position(const msq_pack* pack, uint32_t tile, uint32_t row);
/* Common exponent of a tile on axis output at column n0; 0 if all of it is zero. */
int msq_tile_exponent(const msq_pack* pack, uint32_t tile, uint32_t n0, int32_t* exponent);
/* Left shift of the activations of a row of a tile; 0 of rows of zeros. */
uint32_t msq_row_shift(const msq_pack* pack, uint32_t tile, uint32_t n0, uint32_t row);
/* Relative scales of the columns of a part, after those of the part before it in the stream. */
void msq_part_scales(const msq_pack* pack, const msq_part* part, uint8_t scales[MSQ_MOST_COLUMNS]);
static inline int64_t msq_activation_max(const msq_pack* pack) { return pack->array.act_bits == 8 ? 127 : 7; }

uint32_t msq_blocks_along_k(const msq_pack* pack); /* of activations */
/* Bytes of the weight packet of a plan. */
size_t msq_packet_bytes(const msq_pack* pack, const msq_plan* plan);
/* Tokens of a pass. */
uint32_t msq_tokens_of(const msq_pack* pack, uint32_t pass);
const msq_plan* msq_plan_of(const msq_pack* pack, uint32_t pass);

static inline const msq_part* msq_part_at(const msq_plan* plan, size_t i) {
  return (const msq_part*)(const void*)plan->parts.data + i;
}

/* Order of a part's rows: row at each place. */
void msq_part_order(const msq_pack* pack, const msq_plan* plan, const msq_part* part,
                    uint8_t order[MSQ_MOST_PLACES]);

/* An outlier of a tile. */
typedef struct msq_outlier {
  uint16_t row, block;
  msq_pair pair;
  uint8_t shift;
  uint8_t state;
} msq_outlier;
enum { MSQ_LATER = 0, MSQ_WAITS = 1, MSQ_PLACED = 2, MSQ_DONE = 3 };

/* Rows on their way through the switches into bands. A seat is a place of each band; both arrays of rows have
 * [seat][band]. */
typedef struct msq_exchange {
  uint32_t stages, seats;
  uint32_t wanted;                            /* outliers */
  uint32_t blocks, block_of[MSQ_MOST_BLOCKS]; /* micro-blocks that have some */
  uint8_t used[MSQ_MOST_PLACES];              /* of a seat: a row has some */
  uint8_t row[MSQ_MOST_PLACES];               /* on each seat of each band */
  uint8_t turned[MSQ_MOST_STAGES][MSQ_MOST_PLACES];
  uint32_t served[MSQ_MOST_BANDS]; /* outliers of a band that get a unit */
} msq_exchange;

/* Outliers of a tile by row and micro-block, and what planning its parts needs. */
typedef struct msq_tile_work {
  uint32_t tile, n0;
  msq_vector outliers;                                   /* in ascending order of rows and micro-blocks */
  uint32_t start[MSQ_MOST_PLACES * MSQ_MOST_BLOCKS + 1]; /* first of each row and micro-block */
  int32_t sizes[MSQ_MOST_PLACES * MSQ_MOST_COLUMNS];     /* |w| of each row and column */
  int64_t sums[MSQ_MOST_COLUMNS];
  uint8_t group[MSQ_MOST_PLACES];                   /* rows of the group: 1; of groups before: 2 */
  uint16_t masks[MSQ_MOST_PLACES][MSQ_MOST_BLOCKS]; /* positions of the outliers that wait */
  uint8_t order[MSQ_MOST_PLACES];
  msq_exchange exchange;
} msq_tile_work;

/* Adds a part with the outliers that are MSQ_PLACED, which become MSQ_DONE. */
msq_status msq_add_part(msq_pack* pack, msq_plan* plan, msq_tile_work* work, uint32_t excess, int inliers);
/* Whether the sums of the rows in `group` can be wider than acc_bits, row by row: those that no longer fit
 * are left out of it. @return rows in the group. */
uint32_t msq_take_group(const msq_pack* pack, msq_tile_work* work);
/* Paths recon and none: a tile in one part. `alone`: passes have one token. */
msq_status msq_plan_whole(msq_pack* pack, msq_plan* plan, msq_tile_work* work, int alone);
/* Path recon: gaps of the tiles of all passes. */
msq_status msq_plan_gaps(msq_pack* pack);
/* Path inline: the parts of a tile. */
msq_status msq_plan_parts(msq_pack* pack, msq_plan* plan, msq_tile_work* work);

/* References and rows that are not zero; refuses what the array's widths do not hold. */
msq_status msq_find_facts(msq_pack* pack);
msq_status msq_plan_layer(msq_pack* pack);

#endif
