// Generated from hdl/regs/registers.json by FpgaNet.Registers. Do not edit; see docs/registers.md.
//
// `FN_<BLOCK>                     byte offset of a block; for an array block also _STRIDE and _COUNT
// `FN_<BLOCK>_<REGISTER>          byte offset of a register: absolute, in an array block from the element's start
// `FN_<BLOCK>_<REGISTER>_COUNT    registers in an array of registers
// `FN_<BLOCK>_<REGISTER>_<FIELD>_LSB and _WIDTH   a field of a register
// `FN_<FORMAT>_<FIELD>            the field's bits in the packed vector (word 0 in bits 31:0), as a part select:
//                                 tuser[`FN_TX_HEADER_LENGTH]; with _LSB and _WIDTH. `FN_<FORMAT>_WIDTH: bits in all
// `FN_<ENUM>_<VALUE>              value of an enumeration, sized as its field
// `FN_STAT_<COUNTER>              index of a counter; `FN_STAT_COUNT: how many
`ifndef FN_REGS_SVH
`define FN_REGS_SVH

`define FN_MAGIC 32'h464E4943
`define FN_VERSION_MAJOR 16'd1
`define FN_VERSION_MINOR 16'd0

// Identification: What the card is, and where its chain of blocks starts. The first thing a driver reads.
`define FN_IDENTIFICATION 16'h0000
`define FN_IDENTIFICATION_MAGIC 16'h0000 // ro. 0x464E4943, 'FNIC'.
`define FN_IDENTIFICATION_VERSION 16'h0004 // ro. Version of this register map.
`define FN_IDENTIFICATION_VERSION_MINOR_LSB 0 // Additions that old drivers can ignore.
`define FN_IDENTIFICATION_VERSION_MINOR_WIDTH 16
`define FN_IDENTIFICATION_VERSION_MAJOR_LSB 16 // A driver refuses a major version that it does not know.
`define FN_IDENTIFICATION_VERSION_MAJOR_WIDTH 16
`define FN_IDENTIFICATION_BOARD_ID 16'h0008 // ro. Which board: parameter BOARD_ID; 0 is the simulated one.
`define FN_IDENTIFICATION_FIRST_BLOCK 16'h000C // ro. Offset of the first block in the chain.

// Core: The offload core: features, enables, station address.
`define FN_CORE 16'h0100
`define FN_CORE_BLOCK_TYPE 16'd1
`define FN_CORE_BLOCK_VERSION 16'd1
`define FN_CORE_BLOCK_HEADER 16'h0100 // ro. Type and version of the block.
`define FN_CORE_BLOCK_HEADER_TYPE_LSB 0 // What the block is.
`define FN_CORE_BLOCK_HEADER_TYPE_WIDTH 16
`define FN_CORE_BLOCK_HEADER_VERSION_LSB 16 // Version of the block's layout.
`define FN_CORE_BLOCK_HEADER_VERSION_WIDTH 16
`define FN_CORE_NEXT_BLOCK 16'h0104 // ro. Offset of the next block; 0 ends the chain.
`define FN_CORE_FEATURES 16'h0108 // ro. What this build of the core can do.
`define FN_CORE_FEATURES_TX_CHECKSUM_LSB 0 // Checksum insertion at any start and offset.
`define FN_CORE_FEATURES_TX_CHECKSUM_WIDTH 1
`define FN_CORE_FEATURES_TX_SEGMENTATION_LSB 1 // TSO and USO: frames of up to 64 KB are cut into segments (parameter TX_SEGMENT).
`define FN_CORE_FEATURES_TX_SEGMENTATION_WIDTH 1
`define FN_CORE_FEATURES_TX_VLAN_INSERT_LSB 4 // 802.1Q tag insertion (parameter TX_VLAN).
`define FN_CORE_FEATURES_TX_VLAN_INSERT_WIDTH 1
`define FN_CORE_FEATURES_RX_CHECKSUM_LSB 8 // IPv4, TCP and UDP checksum verification.
`define FN_CORE_FEATURES_RX_CHECKSUM_WIDTH 1
`define FN_CORE_FEATURES_RX_HASH_LSB 9 // Toeplitz hash over IPv4 and IPv6.
`define FN_CORE_FEATURES_RX_HASH_WIDTH 1
`define FN_CORE_FEATURES_RX_COALESCE_LSB 10 // Receive coalescing, with its block (parameter RX_COALESCE).
`define FN_CORE_FEATURES_RX_COALESCE_WIDTH 1
`define FN_CORE_FEATURES_RX_VLAN_STRIP_LSB 11 // The outermost tag is taken out of received frames.
`define FN_CORE_FEATURES_RX_VLAN_STRIP_WIDTH 1
`define FN_CORE_FEATURES_CLOCK_LSB 16 // The clock with its block, time stamps both ways, launch times.
`define FN_CORE_FEATURES_CLOCK_WIDTH 1
`define FN_CORE_FEATURES_PAUSE_LSB 17 // 802.3x flow control, with block Mac.
`define FN_CORE_FEATURES_PAUSE_WIDTH 1
`define FN_CORE_LIMITS 16'h010C // ro. Sizes.
`define FN_CORE_LIMITS_MAX_FRAME_LSB 0 // Longest frame in bytes, Ethernet header included, frame check sequence not: 1518 (a VLAN tag fits).
`define FN_CORE_LIMITS_MAX_FRAME_WIDTH 16
`define FN_CORE_LIMITS_DATA_WIDTH_LSB 16 // Width of the data path in bits.
`define FN_CORE_LIMITS_DATA_WIDTH_WIDTH 16
`define FN_CORE_CLOCK_HZ 16'h0110 // ro. Frequency of the core clock in hertz.
`define FN_CORE_CONTROL 16'h0114 // rw. Enables. 0 after reset.
`define FN_CORE_CONTROL_TX_ENABLE_LSB 0 // Frames may leave. While 0 frames wait.
`define FN_CORE_CONTROL_TX_ENABLE_WIDTH 1
`define FN_CORE_CONTROL_RX_ENABLE_LSB 1 // Frames are taken from the wire. While 0 they are dropped and counted in rx_disabled; a frame is taken or dropped whole.
`define FN_CORE_CONTROL_RX_ENABLE_WIDTH 1
`define FN_CORE_CONTROL_RX_CHECKSUM_ENABLE_LSB 2 // Verdicts are reported; while 0 both are Unknown.
`define FN_CORE_CONTROL_RX_CHECKSUM_ENABLE_WIDTH 1
`define FN_CORE_CONTROL_RX_HASH_ENABLE_LSB 3 // Hashes are reported; while 0 the hash type is None and the hash 0.
`define FN_CORE_CONTROL_RX_HASH_ENABLE_WIDTH 1
`define FN_CORE_CONTROL_RX_VLAN_STRIP_ENABLE_LSB 4 // The outermost 802.1Q or 802.1ad tag of a received frame is taken out of it and stands in the completion alone (VlanStripped); a second one stays.
`define FN_CORE_CONTROL_RX_VLAN_STRIP_ENABLE_WIDTH 1
`define FN_CORE_STATUS 16'h0118 // ro. State.
`define FN_CORE_STATUS_LINK_UP_LSB 0 // There is a link: pin link_up and, while Mdio.Control.Follow is 1, the PHY's word.
`define FN_CORE_STATUS_LINK_UP_WIDTH 1
`define FN_CORE_STATUS_PAUSED_LSB 1 // The other side holds the transmitter (802.3x).
`define FN_CORE_STATUS_PAUSED_WIDTH 1
`define FN_CORE_STATUS_FULL_DUPLEX_LSB 2 // Of the link.
`define FN_CORE_STATUS_FULL_DUPLEX_WIDTH 1
`define FN_CORE_STATUS_SPEED_LSB 4 // Of the link, or of the last one: 0, 10 Mb/s; 1, 100 Mb/s; 2, 1 Gb/s; 3, 10 Gb/s.
`define FN_CORE_STATUS_SPEED_WIDTH 2
`define FN_CORE_MAC_LOW 16'h011C // rw. Station address, octets 3 to 6 on the wire (octet 6 in bits 7:0). Reset value: parameter MAC_ADDRESS.
`define FN_CORE_MAC_HIGH 16'h0120 // rw. Station address, octets 1 and 2, in bits 15:0.
`define FN_CORE_SCRATCH 16'h0124 // rw. Keeps what is written; a driver's first test of the bus.

// Rss: The receive hash (Toeplitz, as Microsoft's RSS specification defines it).
`define FN_RSS 16'h0200
`define FN_RSS_BLOCK_TYPE 16'd2
`define FN_RSS_BLOCK_VERSION 16'd1
`define FN_RSS_BLOCK_HEADER 16'h0200 // ro. Type and version of the block.
`define FN_RSS_NEXT_BLOCK 16'h0204 // ro. Offset of the next block; 0 ends the chain.
`define FN_RSS_HASH_TYPES 16'h0208 // rw. Which packets are hashed over what; a TCP or UDP packet whose bit is 0 is hashed by addresses alone if that bit is 1. All 1 after reset.
`define FN_RSS_HASH_TYPES_IPV4_LSB 1 // IPv4 addresses.
`define FN_RSS_HASH_TYPES_IPV4_WIDTH 1
`define FN_RSS_HASH_TYPES_TCP_IPV4_LSB 2 // IPv4 addresses and TCP ports.
`define FN_RSS_HASH_TYPES_TCP_IPV4_WIDTH 1
`define FN_RSS_HASH_TYPES_UDP_IPV4_LSB 3 // IPv4 addresses and UDP ports.
`define FN_RSS_HASH_TYPES_UDP_IPV4_WIDTH 1
`define FN_RSS_HASH_TYPES_IPV6_LSB 4 // IPv6 addresses.
`define FN_RSS_HASH_TYPES_IPV6_WIDTH 1
`define FN_RSS_HASH_TYPES_TCP_IPV6_LSB 5 // IPv6 addresses and TCP ports.
`define FN_RSS_HASH_TYPES_TCP_IPV6_WIDTH 1
`define FN_RSS_HASH_TYPES_UDP_IPV6_LSB 6 // IPv6 addresses and UDP ports.
`define FN_RSS_HASH_TYPES_UDP_IPV6_WIDTH 1
`define FN_RSS_DEFAULT_QUEUE 16'h020C // rw. Where frames without a hash go. 0 after reset.
`define FN_RSS_DEFAULT_QUEUE_QUEUE_LSB 0 // Receive queue.
`define FN_RSS_DEFAULT_QUEUE_QUEUE_WIDTH 8
`define FN_RSS_KEY 16'h0210 // rw. The 40-byte key: word i holds key bytes 4i to 4i+3, byte 4i in bits 31:24. 0 after reset.
`define FN_RSS_KEY_COUNT 10
`define FN_RSS_INDIRECTION 16'h0240 // rw. Which queue a hash goes to: 128 entries, found by the hash's bits 6:0. Word i holds entries 4i to 4i+3, entry 4i in bits 7:0. 0 after reset.
`define FN_RSS_INDIRECTION_COUNT 32

// Statistics: 64-bit counters, two registers each: reading the low half latches the high half. Cleared by reset only.
`define FN_STATISTICS 16'h0300
`define FN_STATISTICS_BLOCK_TYPE 16'd3
`define FN_STATISTICS_BLOCK_VERSION 16'd1
`define FN_STATISTICS_BLOCK_HEADER 16'h0300 // ro. Type and version of the block.
`define FN_STATISTICS_NEXT_BLOCK 16'h0304 // ro. Offset of the next block; 0 ends the chain. After the core's last block comes the host interface's (parameter HOST_BLOCK).
`define FN_STATISTICS_COUNT 16'h0308 // ro. How many counters follow.
`define FN_STATISTICS_COUNTERS 16'h0310 // Low half of counter 0; the high half lies 4 bytes behind, the next counter 8.
`define FN_STAT_RX_FRAMES 0 // Frames handed to the host interface.
`define FN_STAT_RX_BYTES 1 // Their bytes, without frame check sequence.
`define FN_STAT_RX_BAD_FCS 2 // Frames dropped: wrong frame check sequence.
`define FN_STAT_RX_PHY_ERROR 3 // Frames dropped: RX_ER during the frame, or no start delimiter.
`define FN_STAT_RX_UNDERSIZE 4 // Frames dropped: shorter than 64 bytes with frame check sequence.
`define FN_STAT_RX_OVERSIZE 5 // Frames dropped: longer than MaxFrame and frame check sequence.
`define FN_STAT_RX_OVERFLOW 6 // Frames dropped whole: no room in the receive FIFO.
`define FN_STAT_RX_QUEUE_FULL 7 // Frames dropped whole: their receive queue's host gave it no buffers, or took no completions (the sum of RxQueue.Dropped).
`define FN_STAT_RX_DISABLED 8 // Frames dropped: RxEnable was 0.
`define FN_STAT_RX_PAUSE 9 // PAUSE frames obeyed, and not handed up.
`define FN_STAT_RX_CHECKSUM_GOOD 10 // Frames whose TCP or UDP checksum the card verified and found right.
`define FN_STAT_RX_CHECKSUM_BAD 11 // Frames with a wrong TCP or UDP checksum; handed up with the verdict.
`define FN_STAT_RX_IP_CHECKSUM_BAD 12 // Frames with a wrong IPv4 header checksum; handed up with the verdict.
`define FN_STAT_RX_FRAGMENTS 13 // IP fragments.
`define FN_STAT_RX_VLAN 14 // Frames with an 802.1Q or 802.1ad tag.
`define FN_STAT_RX_HASHED 15 // Frames with a hash.
`define FN_STAT_RX_COALESCED_FRAMES 16 // Frames handed to the host that were made of several segments.
`define FN_STAT_RX_COALESCED_SEGMENTS 17 // Segments that joined another's frame: so many frames fewer than came.
`define FN_STAT_RX_CHECKSUM_NONE 18 // TCP and UDP packets without a verdict: verification off, UDP without a checksum, or with a length that is not the packet's.
`define FN_STAT_RX_QINQ 19 // Frames with two tags or more.
`define FN_STAT_RX_VLAN_STRIPPED 20 // Frames out of which the tag was taken.
`define FN_STAT_RX_OTHER_NETWORK 21 // Frames that are neither IP nor ARP.
`define FN_STAT_RX_MALFORMED 22 // IP and ARP packets that contradict themselves or are not all there; handed up with what is known.
`define FN_STAT_RX_TOO_DEEP 23 // IP packets whose transport header lies behind more extension headers, or farther from the frame's start, than the card goes.
`define FN_STAT_RX_FLOW_MATCHED 24 // Frames whose flow the flow table has.
`define FN_STAT_RX_FLOW_DROPPED 25 // Frames dropped: the flow table says so.
`define FN_STAT_RX_FILTERED 26 // Frames dropped: the destination address is not for this station.
`define FN_STAT_TX_FRAMES 27 // Frames sent.
`define FN_STAT_TX_BYTES 28 // Their bytes, padding included, frame check sequence not.
`define FN_STAT_TX_CHECKSUMS 29 // Checksums inserted.
`define FN_STAT_TX_REFUSED 30 // Frames refused with an error completion.
`define FN_STAT_TX_PAUSE 31 // PAUSE frames sent.
`define FN_STAT_TX_LAUNCH_LATE 32 // Frames whose launch time had passed when they came; sent at once.
`define FN_STAT_TX_SEGMENTED 33 // Frames cut into segments, to their end.
`define FN_STAT_TX_SEGMENTS 34 // Segments made of frames.
`define FN_STAT_TX_VLAN 35 // Tags inserted.
`define FN_STAT_RX_OCTETS 36 // RFC 2819 etherStatsOctets of good frames: bytes received by the MAC, with frame check sequence. This counter and those behind it: RMON = 1 only.
`define FN_STAT_RX_UNICAST 37 // Frames received by the MAC to one station.
`define FN_STAT_RX_MULTICAST 38 // Frames received by the MAC to a group.
`define FN_STAT_RX_BROADCAST 39 // Frames received by the MAC to all.
`define FN_STAT_RX_SIZE_64 40 // Frames received by the MAC of 64 bytes with frame check sequence.
`define FN_STAT_RX_SIZE_65_TO_127 41 // Frames received by the MAC of 65 to 127 bytes.
`define FN_STAT_RX_SIZE_128_TO_255 42 // Frames received by the MAC of 128 to 255 bytes.
`define FN_STAT_RX_SIZE_256_TO_511 43 // Frames received by the MAC of 256 to 511 bytes.
`define FN_STAT_RX_SIZE_512_TO_1023 44 // Frames received by the MAC of 512 to 1023 bytes.
`define FN_STAT_RX_SIZE_1024_UP 45 // Frames received by the MAC of 1024 bytes or more.
`define FN_STAT_TX_OCTETS 46 // RFC 2819 etherStatsOctets of good frames: bytes handed to the MAC, with frame check sequence, padding included.
`define FN_STAT_TX_UNICAST 47 // Frames handed to the MAC to one station.
`define FN_STAT_TX_MULTICAST 48 // Frames handed to the MAC to a group.
`define FN_STAT_TX_BROADCAST 49 // Frames handed to the MAC to all.
`define FN_STAT_TX_SIZE_64 50 // Frames handed to the MAC of 64 bytes with frame check sequence.
`define FN_STAT_TX_SIZE_65_TO_127 51 // Frames handed to the MAC of 65 to 127 bytes.
`define FN_STAT_TX_SIZE_128_TO_255 52 // Frames handed to the MAC of 128 to 255 bytes.
`define FN_STAT_TX_SIZE_256_TO_511 53 // Frames handed to the MAC of 256 to 511 bytes.
`define FN_STAT_TX_SIZE_512_TO_1023 54 // Frames handed to the MAC of 512 to 1023 bytes.
`define FN_STAT_TX_SIZE_1024_UP 55 // Frames handed to the MAC of 1024 bytes or more.
`define FN_STAT_COUNT 56

// Filter: Which frames are for this station, by their destination address. The station address (Core.MacLow, MacHigh) always is; others by what is set here. The rest is dropped and counted in rx_filtered. A change takes effect with the next frame.
`define FN_FILTER 16'h0600
`define FN_FILTER_BLOCK_TYPE 16'd4
`define FN_FILTER_BLOCK_VERSION 16'd1
`define FN_FILTER_BLOCK_HEADER 16'h0600 // ro. Type and version of the block.
`define FN_FILTER_NEXT_BLOCK 16'h0604 // ro. Offset of the next block; 0 ends the chain.
`define FN_FILTER_CONTROL 16'h0608 // rw. What is taken besides. Promiscuous after reset.
`define FN_FILTER_CONTROL_PROMISCUOUS_LSB 0 // Every frame.
`define FN_FILTER_CONTROL_PROMISCUOUS_WIDTH 1
`define FN_FILTER_CONTROL_ALL_MULTICAST_LSB 1 // Every group address (bit 0 of the first octet is 1), broadcast too.
`define FN_FILTER_CONTROL_ALL_MULTICAST_WIDTH 1
`define FN_FILTER_CONTROL_BROADCAST_LSB 2 // FF:FF:FF:FF:FF:FF.
`define FN_FILTER_CONTROL_BROADCAST_WIDTH 1
`define FN_FILTER_LIMITS 16'h060C // ro. Sizes.
`define FN_FILTER_LIMITS_EXACT_ENTRIES_LSB 0 // Entries of Exact.
`define FN_FILTER_LIMITS_EXACT_ENTRIES_WIDTH 8
`define FN_FILTER_LIMITS_HASH_BITS_LSB 16 // Bits of Hash.
`define FN_FILTER_LIMITS_HASH_BITS_WIDTH 16
`define FN_FILTER_HASH 16'h0620 // rw. 256 bits; a group address passes whose bit is 1. Bit n lies in word n / 32, bit n modulo 32; n is the top 8 bits of the address's CRC-32 (IEEE 802.3; all ones to begin with, not complemented, the bit of the highest power first), as Linux has it in ether_crc(6, address) >> 24. 0 after reset.
`define FN_FILTER_HASH_COUNT 8
`define FN_FILTER_EXACT 16'h0640 // rw. 8 addresses, unicast or group, of two words each. Word 2i: octets 3 to 6 (octet 6 in bits 7:0). Word 2i + 1: octets 1 and 2 in bits 15:0, and bit 31: the entry counts. 0 after reset.
`define FN_FILTER_EXACT_COUNT 16

// FlowTable: Flows that are known exactly: TCP or UDP by addresses and ports. An entry may lie in any of four slots, named by the flow's Toeplitz hash over addresses and ports with the key of block Rss, whatever HashTypes says: slot c is the hash turned right by 8c bits, modulo the slots. Where it lies, and what is moved for it, is the driver's business; docs/receive.md says how. A match goes before the indirection table.
`define FN_FLOW_TABLE 16'h0700
`define FN_FLOW_TABLE_BLOCK_TYPE 16'd5
`define FN_FLOW_TABLE_BLOCK_VERSION 16'd1
`define FN_FLOW_TABLE_BLOCK_HEADER 16'h0700 // ro. Type and version of the block.
`define FN_FLOW_TABLE_NEXT_BLOCK 16'h0704 // ro. Offset of the next block; 0 ends the chain.
`define FN_FLOW_TABLE_SIZE 16'h0708 // ro. How large the table is.
`define FN_FLOW_TABLE_SIZE_SLOTS_LSB 0 // Slots, a power of two.
`define FN_FLOW_TABLE_SIZE_SLOTS_WIDTH 16
`define FN_FLOW_TABLE_SIZE_CHOICES_LSB 16 // Slots in which an entry may lie: 4.
`define FN_FLOW_TABLE_SIZE_CHOICES_WIDTH 8
`define FN_FLOW_TABLE_SLOT 16'h070C // rw. The slot that Key and Action write. Behind the last slot the writes do nothing.
`define FN_FLOW_TABLE_KEY 16'h0710 // wo. Word 8: source port in bits 31:16, destination port in 15:0. IPv6: words 0 to 3 source, 4 to 7 destination, first octet in bits 31:24. IPv4: word 6 source, 7 destination, 0 to 5 are 0. A write empties the slot, so that no frame ever meets half a key.
`define FN_FLOW_TABLE_KEY_COUNT 9
`define FN_FLOW_TABLE_ACTION 16'h0734 // wo. Fills or empties the slot in one clock.
`define FN_FLOW_TABLE_ACTION_FLOW_ID_LSB 0 // What the completion's FlowId will say.
`define FN_FLOW_TABLE_ACTION_FLOW_ID_WIDTH 16
`define FN_FLOW_TABLE_ACTION_QUEUE_LSB 16 // Receive queue.
`define FN_FLOW_TABLE_ACTION_QUEUE_WIDTH 8
`define FN_FLOW_TABLE_ACTION_TO_QUEUE_LSB 24 // Frames go to Queue; else as without a match.
`define FN_FLOW_TABLE_ACTION_TO_QUEUE_WIDTH 1
`define FN_FLOW_TABLE_ACTION_DROP_LSB 25 // Frames are dropped and counted in rx_flow_dropped.
`define FN_FLOW_TABLE_ACTION_DROP_WIDTH 1
`define FN_FLOW_TABLE_ACTION_UDP_LSB 28 // The flow is UDP; else TCP.
`define FN_FLOW_TABLE_ACTION_UDP_WIDTH 1
`define FN_FLOW_TABLE_ACTION_IPV6_LSB 29 // The flow is IPv6; else IPv4.
`define FN_FLOW_TABLE_ACTION_IPV6_WIDTH 1
`define FN_FLOW_TABLE_ACTION_VALID_LSB 31 // The slot is filled; 0: empty.
`define FN_FLOW_TABLE_ACTION_VALID_WIDTH 1
`define FN_FLOW_TABLE_MATCHES 16'h0738 // ro. Frames that met the slot's entry since its key was written; 32 bits, which wrap. A new action leaves it.

// Coalesce: Receive coalescing: consecutive TCP segments of a flow become one frame. What may join is in docs/offload.md.
`define FN_COALESCE 16'h0800
`define FN_COALESCE_BLOCK_TYPE 16'd6
`define FN_COALESCE_BLOCK_VERSION 16'd1
`define FN_COALESCE_BLOCK_HEADER 16'h0800 // ro. Type and version of the block.
`define FN_COALESCE_NEXT_BLOCK 16'h0804 // ro. Offset of the next block; 0 ends the chain.
`define FN_COALESCE_SIZES 16'h0808 // ro. What this build has.
`define FN_COALESCE_SIZES_LONGEST_LSB 0 // Bytes of the longest frame that this card's host interface takes.
`define FN_COALESCE_SIZES_LONGEST_WIDTH 16
`define FN_COALESCE_SIZES_CONTEXTS_LSB 16 // Frames that can be open at once.
`define FN_COALESCE_SIZES_CONTEXTS_WIDTH 16
`define FN_COALESCE_CONTROL 16'h080C // rw. 0 after reset.
`define FN_COALESCE_CONTROL_ENABLE_LSB 0 // Segments may join. While 0 every frame goes to the host as it came; what is open when it falls goes too.
`define FN_COALESCE_CONTROL_ENABLE_WIDTH 1
`define FN_COALESCE_TIMEOUT 16'h0810 // rw. When a frame goes to the host however few segments have joined, in microseconds, to one of them. Reset value: 100 and 20.
`define FN_COALESCE_TIMEOUT_TOTAL_LSB 0 // Since its first segment came.
`define FN_COALESCE_TIMEOUT_TOTAL_WIDTH 12
`define FN_COALESCE_TIMEOUT_QUIET_LSB 16 // Since its last segment came: a burst is over.
`define FN_COALESCE_TIMEOUT_QUIET_WIDTH 12
`define FN_COALESCE_MAXIMUM_LENGTH 16'h0814 // rw. The longest frame in bytes, Ethernet header included, that segments may make: not more than the host's receive buffers have. Reset value: Longest, and a larger one is cut to that.
`define FN_COALESCE_MAXIMUM_LENGTH_BYTES_LSB 0 // Bytes.
`define FN_COALESCE_MAXIMUM_LENGTH_BYTES_WIDTH 16

// Clock: The card's clock, its pulse output, and what time stamps and launch times need to know of the path to the wire.
`define FN_CLOCK 16'h0900
`define FN_CLOCK_BLOCK_TYPE 16'd7
`define FN_CLOCK_BLOCK_VERSION 16'd1
`define FN_CLOCK_BLOCK_HEADER 16'h0900 // ro. Type and version of the block.
`define FN_CLOCK_NEXT_BLOCK 16'h0904 // ro. Offset of the next block; 0 ends the chain.
`define FN_CLOCK_TIME_LOW 16'h0908 // ro. The time in nanoseconds, bits 31:0. Reading it latches TimeHigh.
`define FN_CLOCK_TIME_HIGH 16'h090C // ro. Bits 63:32, as of the last read of TimeLow.
`define FN_CLOCK_VALUE_LOW 16'h0910 // rw. What Command works with, bits 31:0, in nanoseconds.
`define FN_CLOCK_VALUE_HIGH 16'h0914 // rw. Bits 63:32.
`define FN_CLOCK_COMMAND 16'h0918 // w1. One at a time. A clock that is set or stepped stops its pulses.
`define FN_CLOCK_COMMAND_SET_LSB 0 // The time becomes Value.
`define FN_CLOCK_COMMAND_SET_WIDTH 1
`define FN_CLOCK_COMMAND_STEP_LSB 1 // Value, a signed number, is added to the time.
`define FN_CLOCK_COMMAND_STEP_WIDTH 1
`define FN_CLOCK_COMMAND_START_PULSE_LSB 2 // Pulses begin: the first when the time is Value, which should lie ahead.
`define FN_CLOCK_COMMAND_START_PULSE_WIDTH 1
`define FN_CLOCK_COMMAND_STOP_PULSE_LSB 3 // No more pulses.
`define FN_CLOCK_COMMAND_STOP_PULSE_WIDTH 1
`define FN_CLOCK_STATUS 16'h091C // ro. State.
`define FN_CLOCK_STATUS_PULSE_RUNNING_LSB 0 // Pulses are being given.
`define FN_CLOCK_STATUS_PULSE_RUNNING_WIDTH 1
`define FN_CLOCK_INCREMENT_FRACTION 16'h0920 // rw. What a clock cycle adds to the time, the fraction of a nanosecond in units of 2^-32. Takes effect with the next write of IncrementNanoseconds.
`define FN_CLOCK_INCREMENT_NANOSECONDS 16'h0924 // rw. Its whole nanoseconds. Writing it puts both to work in one clock. Reset values: 10^9 / Core.ClockHz.
`define FN_CLOCK_INCREMENT_NANOSECONDS_NANOSECONDS_LSB 0 // 0 to 255.
`define FN_CLOCK_INCREMENT_NANOSECONDS_NANOSECONDS_WIDTH 8
`define FN_CLOCK_PULSE_PERIOD 16'h0928 // rw. Nanoseconds from pulse to pulse. Reset value 1000000000.
`define FN_CLOCK_PULSE_WIDTH 16'h092C // rw. Length of a pulse in nanoseconds, less than PulsePeriod. Reset value 100000000.
`define FN_CLOCK_RECEIVE_LATENCY 16'h0930 // rw. Nanoseconds from a start delimiter on the receive pins to the moment of its stamp; subtracted. Reset value: that of the card's own path. Add the PHY's delay.
`define FN_CLOCK_RECEIVE_LATENCY_NANOSECONDS_LSB 0 // Signed.
`define FN_CLOCK_RECEIVE_LATENCY_NANOSECONDS_WIDTH 16
`define FN_CLOCK_TRANSMIT_LATENCY 16'h0934 // rw. Nanoseconds from a start delimiter on the transmit pins to the moment of its stamp; subtracted. Reset value: that of the card's own path. Take off the PHY's delay.
`define FN_CLOCK_TRANSMIT_LATENCY_NANOSECONDS_LSB 0 // Signed.
`define FN_CLOCK_TRANSMIT_LATENCY_NANOSECONDS_WIDTH 16
`define FN_CLOCK_LAUNCH_LATENCY 16'h0938 // rw. Nanoseconds from the release of a frame to its start delimiter on the transmit pins; a frame is released by so much before its launch time. Reset value: that of the card's own path. Add the PHY's delay.
`define FN_CLOCK_LAUNCH_LATENCY_NANOSECONDS_LSB 0 // 0 to 65535.
`define FN_CLOCK_LAUNCH_LATENCY_NANOSECONDS_WIDTH 16
`define FN_CLOCK_LAUNCH_LEAD 16'h093C // rw. Nanoseconds before its launch time at which a frame may leave its queue. Longer than a read from host memory and twice the frame's way through a beat a clock; frames of the same queue wait behind it. Reset value 20000, at 8 bits 40000.
`define FN_CLOCK_LAUNCH_LEAD_NANOSECONDS_LSB 0 // 0 to 16777215.
`define FN_CLOCK_LAUNCH_LEAD_NANOSECONDS_WIDTH 24
`define FN_CLOCK_LAUNCH_HORIZON 16'h0940 // rw. Nanoseconds: a frame whose launch time is farther ahead is refused (LaunchTooFar). Reset value 500000000; less than the driver's patience with a queue that completes nothing.

// Mac: Flow control (IEEE 802.3 annex 31B), both ways. PAUSE frames that the card sends come from the station address (Core.MacLow, MacHigh).
`define FN_MAC 16'h0A00
`define FN_MAC_BLOCK_TYPE 16'd8
`define FN_MAC_BLOCK_VERSION 16'd1
`define FN_MAC_BLOCK_HEADER 16'h0A00 // ro. Type and version of the block.
`define FN_MAC_NEXT_BLOCK 16'h0A04 // ro. Offset of the next block; 0 ends the chain.
`define FN_MAC_CONTROL 16'h0A08 // rw. Enables. 0 after reset.
`define FN_MAC_CONTROL_PAUSE_RECEIVE_LSB 0 // PAUSE frames hold the transmitter and are not handed up. While 0 they are frames as others.
`define FN_MAC_CONTROL_PAUSE_RECEIVE_WIDTH 1
`define FN_MAC_CONTROL_PAUSE_TRANSMIT_LSB 1 // PAUSE frames are sent while the receive FIFO holds much.
`define FN_MAC_CONTROL_PAUSE_TRANSMIT_WIDTH 1
`define FN_MAC_PAUSE_QUANTA 16'h0A0C // rw. How long a PAUSE frame of the card asks for; it is sent again after half of that. Reset value 65535.
`define FN_MAC_PAUSE_QUANTA_QUANTA_LSB 0 // 512 bit times each; 4 or more.
`define FN_MAC_PAUSE_QUANTA_QUANTA_WIDTH 16
`define FN_MAC_PAUSE_WATERMARKS 16'h0A10 // rw. When to ask for a pause and when to end it. Above High there must be room for what comes before the other side stops: two of the longest frames, and the cable. Reset values: 3/8 and 1/8 of ReceiveBytes.
`define FN_MAC_PAUSE_WATERMARKS_LOW_LSB 0 // Bytes in the receive FIFO at which the pause ends.
`define FN_MAC_PAUSE_WATERMARKS_LOW_WIDTH 16
`define FN_MAC_PAUSE_WATERMARKS_HIGH_LSB 16 // Bytes in the receive FIFO at which it begins.
`define FN_MAC_PAUSE_WATERMARKS_HIGH_WIDTH 16
`define FN_MAC_RECEIVE_BYTES 16'h0A14 // ro. Size of the MAC's receive FIFO in bytes.

// Mdio: The PHY's management interface (IEEE 802.3 clause 22; clause 45 by the same frames): frames by command, and the link that the card itself reads there.
`define FN_MDIO 16'h0B00
`define FN_MDIO_BLOCK_TYPE 16'd9
`define FN_MDIO_BLOCK_VERSION 16'd1
`define FN_MDIO_BLOCK_HEADER 16'h0B00 // ro. Type and version of the block.
`define FN_MDIO_NEXT_BLOCK 16'h0B04 // ro. Offset of the next block; 0 ends the chain.
`define FN_MDIO_CONTROL 16'h0B08 // rw. 0 once the FPGA is configured; resets of the card leave it, and the link, as they are.
`define FN_MDIO_CONTROL_FOLLOW_LSB 0 // The card reads registers 5, 10 and 1 of the PHY over and over; Core.Status and the MAC's speed follow. While 0 the link is what pin link_up says, at the fastest of Speeds. The PHY must offer full duplex alone: the MAC knows nothing else.
`define FN_MDIO_CONTROL_FOLLOW_WIDTH 1
`define FN_MDIO_CONTROL_BUSY_LSB 1 // Read only. A frame is under way.
`define FN_MDIO_CONTROL_BUSY_WIDTH 1
`define FN_MDIO_CONTROL_PHY_LSB 8 // Address of the PHY that is followed.
`define FN_MDIO_CONTROL_PHY_WIDTH 5
`define FN_MDIO_FRAME 16'h0B0C // rw. A write sends these 32 bits behind a preamble, bit 31 first; with Busy or Follow it is ignored. Once Busy is 0 again, bits 17 to 0 are what was on the pin meanwhile.
`define FN_MDIO_FRAME_DATA_LSB 0 // Of the register, written or read.
`define FN_MDIO_FRAME_DATA_WIDTH 16
`define FN_MDIO_FRAME_NO_ANSWER_LSB 16 // Of a read, the second bit of the turnaround: 1, no PHY pulled it low. To write: 0.
`define FN_MDIO_FRAME_NO_ANSWER_WIDTH 1
`define FN_MDIO_FRAME_TURNAROUND_LSB 17 // To write: 1.
`define FN_MDIO_FRAME_TURNAROUND_WIDTH 1
`define FN_MDIO_FRAME_REGISTER_LSB 18 // Register; in clause 45, device.
`define FN_MDIO_FRAME_REGISTER_WIDTH 5
`define FN_MDIO_FRAME_PHY_LSB 23 // PHY; in clause 45, port.
`define FN_MDIO_FRAME_PHY_WIDTH 5
`define FN_MDIO_FRAME_OPERATION_LSB 28 // Clause 22: 1 writes, 2 reads. Clause 45: 0 address, 1 write, 3 read, 2 read and increment. With bit 29 the card lets go of the pin behind Register.
`define FN_MDIO_FRAME_OPERATION_WIDTH 2
`define FN_MDIO_FRAME_START_LSB 30 // 1 in clause 22, 0 in clause 45.
`define FN_MDIO_FRAME_START_WIDTH 2
`define FN_MDIO_BOARD 16'h0B10 // ro. What the board's designer says.
`define FN_MDIO_BOARD_PHY_LSB 0 // Address of its PHY (parameter PHY_ADDRESS).
`define FN_MDIO_BOARD_PHY_WIDTH 5
`define FN_MDIO_BOARD_SPEEDS_LSB 8 // Which speeds its MAC interface has, bit by bit as Core.Status counts them (parameter SPEEDS).
`define FN_MDIO_BOARD_SPEEDS_WIDTH 4

// Pcie: The PCI Express host interface: queues, DMA limits, error counters.
`define FN_PCIE 16'h1000
`define FN_PCIE_BLOCK_TYPE 16'd16
`define FN_PCIE_BLOCK_VERSION 16'd1
`define FN_PCIE_BLOCK_HEADER 16'h1000 // ro. Type and version of the block.
`define FN_PCIE_NEXT_BLOCK 16'h1004 // ro. Offset of the next block; 0 ends the chain.
`define FN_PCIE_QUEUES 16'h1008 // ro. How many queues of each kind. Queue i's registers lie at TxQueue + i * stride and RxQueue + i * stride.
`define FN_PCIE_QUEUES_TX_QUEUES_LSB 0 // Transmit queues.
`define FN_PCIE_QUEUES_TX_QUEUES_WIDTH 8
`define FN_PCIE_QUEUES_RX_QUEUES_LSB 8 // Receive queues.
`define FN_PCIE_QUEUES_RX_QUEUES_WIDTH 8
`define FN_PCIE_QUEUES_TAGS_LSB 16 // Read requests that can be outstanding.
`define FN_PCIE_QUEUES_TAGS_WIDTH 8
`define FN_PCIE_CONTROL 16'h100C // rw. Reset.
`define FN_PCIE_CONTROL_RESET_LSB 0 // Write 1 to reset the card: queues stop, outstanding reads are waited for (at most ReadTimeout), every register but this returns to its reset value, statistics too. Reads 1 until done.
`define FN_PCIE_CONTROL_RESET_WIDTH 1
`define FN_PCIE_READ_TIMEOUT 16'h1010 // rw. Clocks after which an unanswered read request counts as lost (PCIe completion timeout). Reset value 6250000 (50 ms at 125 MHz).
`define FN_PCIE_READ_ERRORS 16'h1014 // ro. Read requests answered with UR or CA, or poisoned data.
`define FN_PCIE_READ_TIMEOUTS 16'h1018 // ro. Read requests never answered.
`define FN_PCIE_UNEXPECTED_COMPLETIONS 16'h101C // ro. Completions that fit no outstanding request, or not in length.
`define FN_PCIE_MALFORMED_REQUESTS 16'h1020 // ro. Requests to the BAR that are not one aligned 32-bit word: reads get a UR completion, writes are dropped.
`define FN_PCIE_READ_REQUESTS 16'h1024 // ro. Read requests sent.
`define FN_PCIE_WRITE_REQUESTS 16'h1028 // ro. Write requests sent.
`define FN_PCIE_INTERRUPTS 16'h102C // ro. Interrupts sent.

// Usb: The USB host interface (docs/usb.md): limits, reset, error counters. A card has this block or Pcie.
`define FN_USB 16'h1000
`define FN_USB_BLOCK_TYPE 16'd17
`define FN_USB_BLOCK_VERSION 16'd1
`define FN_USB_BLOCK_HEADER 16'h1000 // ro. Type and version of the block.
`define FN_USB_NEXT_BLOCK 16'h1004 // ro. Offset of the next block; 0 ends the chain.
`define FN_USB_LIMITS 16'h1008 // ro. How much the host may send before it is told that room has come.
`define FN_USB_LIMITS_BUFFER_LSB 0 // Bytes in the transmit buffer: of a packet Transmit, all but its type and check count.
`define FN_USB_LIMITS_BUFFER_WIDTH 16
`define FN_USB_LIMITS_PACKETS_LSB 16 // Packets Transmit that the buffer holds.
`define FN_USB_LIMITS_PACKETS_WIDTH 8
`define FN_USB_CONTROL 16'h100C // rw. Reset.
`define FN_USB_CONTROL_RESET_LSB 0 // Write 1 to reset the card: once the wire is silent, every register but this returns to its reset value, statistics too, and frames in the card are forgotten. Reads 1 until done. Packets and registers of this block work meanwhile.
`define FN_USB_CONTROL_RESET_WIDTH 1
`define FN_USB_BAD_PACKETS 16'h1010 // ro. Runs of bytes between two flags that are no packet: wrong check, too short, or broken off.
`define FN_USB_REFUSED_PACKETS 16'h1014 // ro. Packets with a right check that mean nothing: type, length or address.
`define FN_USB_OVERRUN_PACKETS 16'h1018 // ro. Packets Transmit that found no room: the host sent more than Limits and its credit allow.
`define FN_USB_BROKEN_FRAMES 16'h101C // ro. Frames of the host that were given up: a packet of theirs was lost, or their length is not that of their header.

// TxQueue: One transmit queue. Set it up while disabled.
`define FN_TX_QUEUE 16'h2000
`define FN_TX_QUEUE_STRIDE 16'h0080
`define FN_TX_QUEUE_COUNT 16
`define FN_TX_QUEUE_CONTROL 16'h0000 // rw. Enable.
`define FN_TX_QUEUE_CONTROL_ENABLE_LSB 0 // 0 → 1 starts at ring position 0 and completion position 0 with phase 1. 1 → 0: no new work; what is in flight is finished.
`define FN_TX_QUEUE_CONTROL_ENABLE_WIDTH 1
`define FN_TX_QUEUE_STATUS 16'h0004 // ro. State.
`define FN_TX_QUEUE_STATUS_ACTIVE_LSB 0 // 1 while enabled or work is in flight. After a disable, host memory may be freed once this is 0.
`define FN_TX_QUEUE_STATUS_ACTIVE_WIDTH 1
`define FN_TX_QUEUE_STATUS_ERROR_LSB 8 // Why the queue halted (format Status); 0: it did not. A halted queue does nothing until it is disabled and enabled.
`define FN_TX_QUEUE_STATUS_ERROR_WIDTH 8
`define FN_TX_QUEUE_RING_BASE_LOW 16'h0008 // rw. Bus address of the descriptor ring, bits 31:0; aligned to 4096.
`define FN_TX_QUEUE_RING_BASE_HIGH 16'h000C // rw. Bits 63:32.
`define FN_TX_QUEUE_RING_SIZE 16'h0010 // rw. Log2 of the ring's size in 16-byte units, 4 to 15.
`define FN_TX_QUEUE_RING_SIZE_LOG2_LSB 0 // Log2 of the units.
`define FN_TX_QUEUE_RING_SIZE_LOG2_WIDTH 4
`define FN_TX_QUEUE_PRODUCER 16'h0014 // rw. Doorbell: units the host has filled, as a free-running 16-bit count.
`define FN_TX_QUEUE_CONSUMER 16'h0018 // ro. Units the card has fetched, as a free-running 16-bit count.
`define FN_TX_QUEUE_COMPLETION_BASE_LOW 16'h0020 // rw. Bus address of the completion ring, bits 31:0; aligned to 4096.
`define FN_TX_QUEUE_COMPLETION_BASE_HIGH 16'h0024 // rw. Bits 63:32.
`define FN_TX_QUEUE_COMPLETION_SIZE 16'h0028 // rw. Log2 of the completion ring's entries, 4 to 15. The card never overruns the ring: it waits for CompletionConsumer.
`define FN_TX_QUEUE_COMPLETION_SIZE_LOG2_LSB 0 // Log2 of the entries.
`define FN_TX_QUEUE_COMPLETION_SIZE_LOG2_WIDTH 4
`define FN_TX_QUEUE_COMPLETION_CONSUMER 16'h002C // rw. Entries the host has taken. The write may arm the interrupt.
`define FN_TX_QUEUE_COMPLETION_CONSUMER_INDEX_LSB 0 // Free-running 16-bit count.
`define FN_TX_QUEUE_COMPLETION_CONSUMER_INDEX_WIDTH 16
`define FN_TX_QUEUE_COMPLETION_CONSUMER_ARM_LSB 31 // 1: signal the interrupt once, as soon as entries beyond Index exist and moderation allows. Reads 1 until then.
`define FN_TX_QUEUE_COMPLETION_CONSUMER_ARM_WIDTH 1
`define FN_TX_QUEUE_COMPLETION_PRODUCER 16'h0030 // ro. Entries the card has written, as a free-running 16-bit count.
`define FN_TX_QUEUE_INTERRUPT 16'h0034 // rw. Which vector, and moderation: an armed interrupt fires when Packets entries wait or the oldest has waited for Time.
`define FN_TX_QUEUE_INTERRUPT_VECTOR_LSB 0 // MSI vector.
`define FN_TX_QUEUE_INTERRUPT_VECTOR_WIDTH 5
`define FN_TX_QUEUE_INTERRUPT_PACKETS_LSB 8 // Entries that fire it at once; 0 counts as 1.
`define FN_TX_QUEUE_INTERRUPT_PACKETS_WIDTH 8
`define FN_TX_QUEUE_INTERRUPT_TIME_LSB 16 // Clocks × 16 after which one entry is enough.
`define FN_TX_QUEUE_INTERRUPT_TIME_WIDTH 16
`define FN_TX_QUEUE_SCHEDULE 16'h0038 // rw. Which transmit queue's packet goes next. Nothing in a receive queue. Priority 0 and weight 1 after reset; may be written at any time, as Pace.
`define FN_TX_QUEUE_SCHEDULE_PRIORITY_LSB 0 // A queue waits while one with a larger number may send.
`define FN_TX_QUEUE_SCHEDULE_PRIORITY_WIDTH 3
`define FN_TX_QUEUE_SCHEDULE_WEIGHT_LSB 8 // Share, in bytes, among the queues of its priority that have something to send; 0 counts as 1.
`define FN_TX_QUEUE_SCHEDULE_WEIGHT_WIDTH 8
`define FN_TX_QUEUE_PACE 16'h003C // rw. A transmit queue's own limit, by a token bucket. Nothing in a receive queue. 0 after reset.
`define FN_TX_QUEUE_PACE_RATE_LSB 0 // Bytes a clock, in 65536ths; 0: no limit. Counted are the bytes of TxHeader.Length.
`define FN_TX_QUEUE_PACE_RATE_WIDTH 20
`define FN_TX_QUEUE_PACE_BURST_LSB 20 // Bytes × 64 that may leave at once after a pause. A packet leaves while the bucket is not below zero.
`define FN_TX_QUEUE_PACE_BURST_WIDTH 12
`define FN_TX_QUEUE_DROPPED 16'h0040 // ro. Frames for a receive queue that were dropped whole: those before them filled the room in which frames wait for the queue's buffers. Only on a card with several receive queues; with one, frames wait in the core and then the MAC drops them (rx_overflow). Nothing in a transmit queue.

// RxQueue: One receive queue; the same registers as a transmit queue.
`define FN_RX_QUEUE 16'h4000
`define FN_RX_QUEUE_STRIDE 16'h0080
`define FN_RX_QUEUE_COUNT 16
`define FN_RX_QUEUE_CONTROL 16'h0000 // rw. Enable.
`define FN_RX_QUEUE_CONTROL_ENABLE_LSB 0 // 0 → 1 starts at ring position 0 and completion position 0 with phase 1. 1 → 0: no new work; what is in flight is finished.
`define FN_RX_QUEUE_CONTROL_ENABLE_WIDTH 1
`define FN_RX_QUEUE_STATUS 16'h0004 // ro. State.
`define FN_RX_QUEUE_STATUS_ACTIVE_LSB 0 // 1 while enabled or work is in flight. After a disable, host memory may be freed once this is 0.
`define FN_RX_QUEUE_STATUS_ACTIVE_WIDTH 1
`define FN_RX_QUEUE_STATUS_ERROR_LSB 8 // Why the queue halted (format Status); 0: it did not. A halted queue does nothing until it is disabled and enabled.
`define FN_RX_QUEUE_STATUS_ERROR_WIDTH 8
`define FN_RX_QUEUE_RING_BASE_LOW 16'h0008 // rw. Bus address of the descriptor ring, bits 31:0; aligned to 4096.
`define FN_RX_QUEUE_RING_BASE_HIGH 16'h000C // rw. Bits 63:32.
`define FN_RX_QUEUE_RING_SIZE 16'h0010 // rw. Log2 of the ring's size in 16-byte units, 4 to 15.
`define FN_RX_QUEUE_RING_SIZE_LOG2_LSB 0 // Log2 of the units.
`define FN_RX_QUEUE_RING_SIZE_LOG2_WIDTH 4
`define FN_RX_QUEUE_PRODUCER 16'h0014 // rw. Doorbell: units the host has filled, as a free-running 16-bit count.
`define FN_RX_QUEUE_CONSUMER 16'h0018 // ro. Units the card has fetched, as a free-running 16-bit count.
`define FN_RX_QUEUE_COMPLETION_BASE_LOW 16'h0020 // rw. Bus address of the completion ring, bits 31:0; aligned to 4096.
`define FN_RX_QUEUE_COMPLETION_BASE_HIGH 16'h0024 // rw. Bits 63:32.
`define FN_RX_QUEUE_COMPLETION_SIZE 16'h0028 // rw. Log2 of the completion ring's entries, 4 to 15. The card never overruns the ring: it waits for CompletionConsumer.
`define FN_RX_QUEUE_COMPLETION_SIZE_LOG2_LSB 0 // Log2 of the entries.
`define FN_RX_QUEUE_COMPLETION_SIZE_LOG2_WIDTH 4
`define FN_RX_QUEUE_COMPLETION_CONSUMER 16'h002C // rw. Entries the host has taken. The write may arm the interrupt.
`define FN_RX_QUEUE_COMPLETION_CONSUMER_INDEX_LSB 0 // Free-running 16-bit count.
`define FN_RX_QUEUE_COMPLETION_CONSUMER_INDEX_WIDTH 16
`define FN_RX_QUEUE_COMPLETION_CONSUMER_ARM_LSB 31 // 1: signal the interrupt once, as soon as entries beyond Index exist and moderation allows. Reads 1 until then.
`define FN_RX_QUEUE_COMPLETION_CONSUMER_ARM_WIDTH 1
`define FN_RX_QUEUE_COMPLETION_PRODUCER 16'h0030 // ro. Entries the card has written, as a free-running 16-bit count.
`define FN_RX_QUEUE_INTERRUPT 16'h0034 // rw. Which vector, and moderation: an armed interrupt fires when Packets entries wait or the oldest has waited for Time.
`define FN_RX_QUEUE_INTERRUPT_VECTOR_LSB 0 // MSI vector.
`define FN_RX_QUEUE_INTERRUPT_VECTOR_WIDTH 5
`define FN_RX_QUEUE_INTERRUPT_PACKETS_LSB 8 // Entries that fire it at once; 0 counts as 1.
`define FN_RX_QUEUE_INTERRUPT_PACKETS_WIDTH 8
`define FN_RX_QUEUE_INTERRUPT_TIME_LSB 16 // Clocks × 16 after which one entry is enough.
`define FN_RX_QUEUE_INTERRUPT_TIME_WIDTH 16
`define FN_RX_QUEUE_SCHEDULE 16'h0038 // rw. Which transmit queue's packet goes next. Nothing in a receive queue. Priority 0 and weight 1 after reset; may be written at any time, as Pace.
`define FN_RX_QUEUE_SCHEDULE_PRIORITY_LSB 0 // A queue waits while one with a larger number may send.
`define FN_RX_QUEUE_SCHEDULE_PRIORITY_WIDTH 3
`define FN_RX_QUEUE_SCHEDULE_WEIGHT_LSB 8 // Share, in bytes, among the queues of its priority that have something to send; 0 counts as 1.
`define FN_RX_QUEUE_SCHEDULE_WEIGHT_WIDTH 8
`define FN_RX_QUEUE_PACE 16'h003C // rw. A transmit queue's own limit, by a token bucket. Nothing in a receive queue. 0 after reset.
`define FN_RX_QUEUE_PACE_RATE_LSB 0 // Bytes a clock, in 65536ths; 0: no limit. Counted are the bytes of TxHeader.Length.
`define FN_RX_QUEUE_PACE_RATE_WIDTH 20
`define FN_RX_QUEUE_PACE_BURST_LSB 20 // Bytes × 64 that may leave at once after a pause. A packet leaves while the bucket is not below zero.
`define FN_RX_QUEUE_PACE_BURST_WIDTH 12
`define FN_RX_QUEUE_DROPPED 16'h0040 // ro. Frames for a receive queue that were dropped whole: those before them filled the room in which frames wait for the queue's buffers. Only on a card with several receive queues; with one, frames wait in the core and then the MAC drops them (rx_overflow). Nothing in a transmit queue.

// TxHeader: Opens a packet in the transmit ring and is followed by a TxLaunch unit, if Launch is set, and SliceCount TxSlice units. The same 128 bits are the low bits of the metadata (tuser, 192 bits) of the host → core stream; the launch time is above them.
`define FN_TX_HEADER_WORDS 4
`define FN_TX_HEADER_WIDTH 128
`define FN_TX_HEADER_CHECKSUM_START 15:0 // First byte of the sum, from the frame's start.
`define FN_TX_HEADER_CHECKSUM_START_LSB 0
`define FN_TX_HEADER_CHECKSUM_START_WIDTH 16
`define FN_TX_HEADER_CHECKSUM_OFFSET 31:16 // Where the result goes, from ChecksumStart.
`define FN_TX_HEADER_CHECKSUM_OFFSET_LSB 16
`define FN_TX_HEADER_CHECKSUM_OFFSET_WIDTH 16
`define FN_TX_HEADER_VLAN_TAG 47:32 // Tag control information for insertion.
`define FN_TX_HEADER_VLAN_TAG_LSB 32
`define FN_TX_HEADER_VLAN_TAG_WIDTH 16
`define FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE 63:48 // For segmentation.
`define FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE_LSB 48
`define FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE_WIDTH 16
`define FN_TX_HEADER_LENGTH 83:64 // Bytes in all slices together.
`define FN_TX_HEADER_LENGTH_LSB 64
`define FN_TX_HEADER_LENGTH_WIDTH 20
`define FN_TX_HEADER_SLICE_COUNT 91:88 // TxSlice units that follow, 1 to 15.
`define FN_TX_HEADER_SLICE_COUNT_LSB 88
`define FN_TX_HEADER_SLICE_COUNT_WIDTH 4
`define FN_TX_HEADER_CHECKSUM 96 // Insert a checksum.
`define FN_TX_HEADER_CHECKSUM_LSB 96
`define FN_TX_HEADER_CHECKSUM_WIDTH 1
`define FN_TX_HEADER_CHECKSUM_ZERO_AS_ONES 97 // Write a result of 0 as 0xFFFF (UDP).
`define FN_TX_HEADER_CHECKSUM_ZERO_AS_ONES_LSB 97
`define FN_TX_HEADER_CHECKSUM_ZERO_AS_ONES_WIDTH 1
`define FN_TX_HEADER_INSERT_VLAN 98 // Insert VlanTag behind the source address. All offsets and Length are those of the frame without it, which has at most MaxFrame - 4 bytes (of a frame that is cut: each segment).
`define FN_TX_HEADER_INSERT_VLAN_LSB 98
`define FN_TX_HEADER_INSERT_VLAN_WIDTH 1
`define FN_TX_HEADER_SEGMENTATION 102:100 // 0: none; 1 TCP/IPv4, 2 TCP/IPv6, 3 UDP/IPv4, 4 UDP/IPv6. With it Checksum is set, Length is that of the whole frame, its IP packet at most 65535 bytes, and the headers and checksum field are those of one packet with all the payload.
`define FN_TX_HEADER_SEGMENTATION_LSB 100
`define FN_TX_HEADER_SEGMENTATION_WIDTH 3
`define FN_TX_HEADER_NETWORK_OFFSET 111:104 // First byte of the IP header, from the frame's start. For segmentation.
`define FN_TX_HEADER_NETWORK_OFFSET_LSB 104
`define FN_TX_HEADER_NETWORK_OFFSET_WIDTH 8
`define FN_TX_HEADER_HEADER_LENGTH 119:112 // Bytes of all headers, Ethernet to transport. For segmentation.
`define FN_TX_HEADER_HEADER_LENGTH_LSB 112
`define FN_TX_HEADER_HEADER_LENGTH_WIDTH 8
`define FN_TX_HEADER_TIMESTAMP 120 // The completion waits for the start delimiter on the wire and has its time; of a packet that is cut into segments, the last one's.
`define FN_TX_HEADER_TIMESTAMP_LSB 120
`define FN_TX_HEADER_TIMESTAMP_WIDTH 1
`define FN_TX_HEADER_LAUNCH 121 // A TxLaunch unit follows the header: the packet, or the first segment of one that is cut, leaves at that time.
`define FN_TX_HEADER_LAUNCH_LSB 121
`define FN_TX_HEADER_LAUNCH_WIDTH 1

// TxLaunch: When the packet's start delimiter is to be on the transmit pins. Follows a TxHeader with Launch and is not counted in SliceCount. In the host → core stream its words 0 and 1 are above the header.
`define FN_TX_LAUNCH_WORDS 4
`define FN_TX_LAUNCH_WIDTH 128
`define FN_TX_LAUNCH_TIME_LOW 31:0 // Nanoseconds of the card's clock, bits 31:0. A time that has passed: at once, counted in tx_launch_late.
`define FN_TX_LAUNCH_TIME_LOW_LSB 0
`define FN_TX_LAUNCH_TIME_LOW_WIDTH 32
`define FN_TX_LAUNCH_TIME_HIGH 63:32 // Bits 63:32.
`define FN_TX_LAUNCH_TIME_HIGH_LSB 32
`define FN_TX_LAUNCH_TIME_HIGH_WIDTH 32

// TxSlice: Where bytes of the packet lie. Any alignment.
`define FN_TX_SLICE_WORDS 4
`define FN_TX_SLICE_WIDTH 128
`define FN_TX_SLICE_ADDRESS_LOW 31:0 // Bus address, bits 31:0.
`define FN_TX_SLICE_ADDRESS_LOW_LSB 0
`define FN_TX_SLICE_ADDRESS_LOW_WIDTH 32
`define FN_TX_SLICE_ADDRESS_HIGH 63:32 // Bits 63:32.
`define FN_TX_SLICE_ADDRESS_HIGH_LSB 32
`define FN_TX_SLICE_ADDRESS_HIGH_WIDTH 32
`define FN_TX_SLICE_LENGTH 83:64 // Bytes, 1 or more.
`define FN_TX_SLICE_LENGTH_LSB 64
`define FN_TX_SLICE_LENGTH_WIDTH 20

// TxCompletion: One for each packet, in ring order, when its bytes are no longer needed.
`define FN_TX_COMPLETION_WORDS 4
`define FN_TX_COMPLETION_WIDTH 128
`define FN_TX_COMPLETION_RING_POSITION 15:0 // Units consumed up to and with this packet: the ring position behind it, as a free-running count.
`define FN_TX_COMPLETION_RING_POSITION_LSB 0
`define FN_TX_COMPLETION_RING_POSITION_WIDTH 16
`define FN_TX_COMPLETION_TIMESTAMP_LOW 63:32 // When the start delimiter was on the transmit pins, in nanoseconds of the card's clock, bits 31:0; 0 if not asked for, or the status is not Ok.
`define FN_TX_COMPLETION_TIMESTAMP_LOW_LSB 32
`define FN_TX_COMPLETION_TIMESTAMP_LOW_WIDTH 32
`define FN_TX_COMPLETION_TIMESTAMP_HIGH 95:64 // Bits 63:32.
`define FN_TX_COMPLETION_TIMESTAMP_HIGH_LSB 64
`define FN_TX_COMPLETION_TIMESTAMP_HIGH_WIDTH 32
`define FN_TX_COMPLETION_STATUS 103:96 // Format Status.
`define FN_TX_COMPLETION_STATUS_LSB 96
`define FN_TX_COMPLETION_STATUS_WIDTH 8
`define FN_TX_COMPLETION_PHASE 127 // 1 on the first pass through the ring, then alternating. Written last.
`define FN_TX_COMPLETION_PHASE_LSB 127
`define FN_TX_COMPLETION_PHASE_WIDTH 1

// RxDescriptor: A free buffer in the receive ring.
`define FN_RX_DESCRIPTOR_WORDS 4
`define FN_RX_DESCRIPTOR_WIDTH 128
`define FN_RX_DESCRIPTOR_ADDRESS_LOW 31:0 // Bus address, bits 31:0; a multiple of 4.
`define FN_RX_DESCRIPTOR_ADDRESS_LOW_LSB 0
`define FN_RX_DESCRIPTOR_ADDRESS_LOW_WIDTH 32
`define FN_RX_DESCRIPTOR_ADDRESS_HIGH 63:32 // Bits 63:32.
`define FN_RX_DESCRIPTOR_ADDRESS_HIGH_LSB 32
`define FN_RX_DESCRIPTOR_ADDRESS_HIGH_WIDTH 32
`define FN_RX_DESCRIPTOR_LENGTH 79:64 // Bytes in the buffer.
`define FN_RX_DESCRIPTOR_LENGTH_LSB 64
`define FN_RX_DESCRIPTOR_LENGTH_WIDTH 16

// RxCompletion: One for each received frame, written after its bytes. The same 256 bits are the metadata (tuser) of the core → host stream, there with RingPosition, Status and Phase 0. The codes are those of FpgaNet.Packets.Offload.RxOffload.
`define FN_RX_COMPLETION_WORDS 8
`define FN_RX_COMPLETION_WIDTH 256
`define FN_RX_COMPLETION_RING_POSITION 15:0 // Position of the descriptor used, as a free-running count.
`define FN_RX_COMPLETION_RING_POSITION_LSB 0
`define FN_RX_COMPLETION_RING_POSITION_WIDTH 16
`define FN_RX_COMPLETION_LENGTH 31:16 // Bytes in the frame, without frame check sequence.
`define FN_RX_COMPLETION_LENGTH_LSB 16
`define FN_RX_COMPLETION_LENGTH_WIDTH 16
`define FN_RX_COMPLETION_HASH 63:32 // Toeplitz hash.
`define FN_RX_COMPLETION_HASH_LSB 32
`define FN_RX_COMPLETION_HASH_WIDTH 32
`define FN_RX_COMPLETION_NETWORK 67:64 // 0 unknown, 1 IPv4, 2 IPv6, 3 ARP.
`define FN_RX_COMPLETION_NETWORK_LSB 64
`define FN_RX_COMPLETION_NETWORK_WIDTH 4
`define FN_RX_COMPLETION_TRANSPORT 71:68 // 0 unknown, 1 TCP, 2 UDP, 3 ICMP or ICMPv6.
`define FN_RX_COMPLETION_TRANSPORT_LSB 68
`define FN_RX_COMPLETION_TRANSPORT_WIDTH 4
`define FN_RX_COMPLETION_HASH_TYPE 75:72 // 0 none, 1 IPv4, 2 TCP/IPv4, 3 UDP/IPv4, 4 IPv6, 5 TCP/IPv6, 6 UDP/IPv6.
`define FN_RX_COMPLETION_HASH_TYPE_LSB 72
`define FN_RX_COMPLETION_HASH_TYPE_WIDTH 4
`define FN_RX_COMPLETION_NETWORK_CHECKSUM 77:76 // IPv4 header: 0 unknown, 1 good, 2 bad.
`define FN_RX_COMPLETION_NETWORK_CHECKSUM_LSB 76
`define FN_RX_COMPLETION_NETWORK_CHECKSUM_WIDTH 2
`define FN_RX_COMPLETION_TRANSPORT_CHECKSUM 79:78 // TCP or UDP: 0 unknown, 1 good, 2 bad.
`define FN_RX_COMPLETION_TRANSPORT_CHECKSUM_LSB 78
`define FN_RX_COMPLETION_TRANSPORT_CHECKSUM_WIDTH 2
`define FN_RX_COMPLETION_NETWORK_OFFSET 87:80 // First byte of the IP (or ARP) header.
`define FN_RX_COMPLETION_NETWORK_OFFSET_LSB 80
`define FN_RX_COMPLETION_NETWORK_OFFSET_WIDTH 8
`define FN_RX_COMPLETION_TRANSPORT_OFFSET 95:88 // First byte of the transport header.
`define FN_RX_COMPLETION_TRANSPORT_OFFSET_LSB 88
`define FN_RX_COMPLETION_TRANSPORT_OFFSET_WIDTH 8
`define FN_RX_COMPLETION_VLAN_TAG 111:96 // Tag control information of the outermost tag. The tag is in the frame unless VlanStripped.
`define FN_RX_COMPLETION_VLAN_TAG_LSB 96
`define FN_RX_COMPLETION_VLAN_TAG_WIDTH 16
`define FN_RX_COMPLETION_HAS_VLAN 112 // There is a tag.
`define FN_RX_COMPLETION_HAS_VLAN_LSB 112
`define FN_RX_COMPLETION_HAS_VLAN_WIDTH 1
`define FN_RX_COMPLETION_FRAGMENT 113 // An IP fragment, the first included.
`define FN_RX_COMPLETION_FRAGMENT_LSB 113
`define FN_RX_COMPLETION_FRAGMENT_WIDTH 1
`define FN_RX_COMPLETION_VLAN_STRIPPED 114 // The outermost tag was taken out of the frame; Length and offsets are as without it.
`define FN_RX_COMPLETION_VLAN_STRIPPED_LSB 114
`define FN_RX_COMPLETION_VLAN_STRIPPED_WIDTH 1
`define FN_RX_COMPLETION_FLOW_MATCHED 115 // The flow table has the frame's flow; FlowId is valid.
`define FN_RX_COMPLETION_FLOW_MATCHED_LSB 115
`define FN_RX_COMPLETION_FLOW_MATCHED_WIDTH 1
`define FN_RX_COMPLETION_HEADERS 117:116 // How far the card came in the headers: 0 through all that it knows, 1 neither IP nor ARP, 2 they contradict themselves or are not all there, 3 more of them, or farther back, than it goes.
`define FN_RX_COMPLETION_HEADERS_LSB 116
`define FN_RX_COMPLETION_HEADERS_WIDTH 2
`define FN_RX_COMPLETION_INNER_VLAN 118 // There is a tag behind the outermost one.
`define FN_RX_COMPLETION_INNER_VLAN_LSB 118
`define FN_RX_COMPLETION_INNER_VLAN_WIDTH 1
`define FN_RX_COMPLETION_QUEUE 123:120 // The receive queue that the card chose: by the flow table, else the indirection table; DefaultQueue without a hash.
`define FN_RX_COMPLETION_QUEUE_LSB 120
`define FN_RX_COMPLETION_QUEUE_WIDTH 4
`define FN_RX_COMPLETION_TIMESTAMP_LOW 159:128 // When the start delimiter was on the receive pins, in nanoseconds of the card's clock, bits 31:0; 0 without a clock.
`define FN_RX_COMPLETION_TIMESTAMP_LOW_LSB 128
`define FN_RX_COMPLETION_TIMESTAMP_LOW_WIDTH 32
`define FN_RX_COMPLETION_TIMESTAMP_HIGH 191:160 // Bits 63:32.
`define FN_RX_COMPLETION_TIMESTAMP_HIGH_LSB 160
`define FN_RX_COMPLETION_TIMESTAMP_HIGH_WIDTH 32
`define FN_RX_COMPLETION_FLOW_ID 207:192 // What the flow table's entry says; 0 without a match.
`define FN_RX_COMPLETION_FLOW_ID_LSB 192
`define FN_RX_COMPLETION_FLOW_ID_WIDTH 16
`define FN_RX_COMPLETION_COALESCED_SEGMENTS 215:208 // Segments of which the frame was made, 2 to 255; 0: it is as it came. Time stamp and hash are the first segment's; the TCP checksum field means nothing behind the verdict.
`define FN_RX_COMPLETION_COALESCED_SEGMENTS_LSB 208
`define FN_RX_COMPLETION_COALESCED_SEGMENTS_WIDTH 8
`define FN_RX_COMPLETION_STATUS 231:224 // Format Status.
`define FN_RX_COMPLETION_STATUS_LSB 224
`define FN_RX_COMPLETION_STATUS_WIDTH 8
`define FN_RX_COMPLETION_SEGMENT_SIZE 247:232 // Bytes of payload in each coalesced segment, the last perhaps excepted; 0 without CoalescedSegments.
`define FN_RX_COMPLETION_SEGMENT_SIZE_LSB 232
`define FN_RX_COMPLETION_SEGMENT_SIZE_WIDTH 16
`define FN_RX_COMPLETION_PHASE 255 // 1 on the first pass through the ring, then alternating. Written last.
`define FN_RX_COMPLETION_PHASE_LSB 255
`define FN_RX_COMPLETION_PHASE_WIDTH 1

// UsbPacket: First byte of a packet on the USB pipe (docs/usb.md).
`define FN_USB_PACKET_TRANSMIT 32'd16 // To the card: sequence number and a part of a frame. + 1: the frame's first, with TxHeader and launch time before the bytes; + 2: its last.
`define FN_USB_PACKET_READ 32'd32 // To the card: tag, register address (2 bytes).
`define FN_USB_PACKET_WRITE 32'd33 // To the card: tag, register address (2 bytes), value (4 bytes).
`define FN_USB_PACKET_RECEIVE 32'd64 // To the host: RxCompletion, and the frame.
`define FN_USB_PACKET_TRANSMITTED 32'd65 // To the host, one for each frame in order: sequence number as of Credit, sequence number of the frame's last packet, Status, timestamp in nanoseconds (8 bytes).
`define FN_USB_PACKET_CREDIT 32'd66 // To the host: sequence number of the newest packet Transmit that has left the buffer.
`define FN_USB_PACKET_VALUE 32'd67 // To the host: tag of the Read, and the register's value (4 bytes).

// Status: What became of a packet or why a queue halted.
`define FN_STATUS_OK 8'd0 // Sent, or received.
`define FN_STATUS_BAD_DESCRIPTOR 8'd1 // No slices, a slice of no bytes, or fewer units than the header says.
`define FN_STATUS_LENGTH_MISMATCH 8'd2 // The slices' lengths do not add up to the header's.
`define FN_STATUS_OVERSIZE 8'd3 // Longer than MaxFrame (or shorter than an Ethernet header).
`define FN_STATUS_CHECKSUM_RANGE 8'd4 // Checksum start or field outside the frame.
`define FN_STATUS_UNSUPPORTED 8'd5 // A feature that this card does not have was asked for.
`define FN_STATUS_READ_ERROR 8'd6 // A read from host memory was answered with an error.
`define FN_STATUS_POISONED 8'd7 // A read from host memory returned poisoned data.
`define FN_STATUS_READ_TIMEOUT 8'd8 // A read from host memory was never answered.
`define FN_STATUS_BUFFER_TOO_SMALL 8'd9 // Receive: the frame did not fit its buffer and was dropped whole; the descriptor is used up, Length is the frame's.
`define FN_STATUS_BAD_SEGMENTATION 8'd10 // The request to segment does not fit the frame's headers.
`define FN_STATUS_LAUNCH_TOO_FAR 8'd11 // The launch time is farther ahead than Clock.LaunchHorizon.

`endif
