# nextpnr's log: what the design takes and what its clocks reach after routing.
/Max frequency for clock/ { clocks[$6] = sprintf("%s %s MHz (needed: %s)", $6, $7, $11) }
/Info:[ \t]+(ICESTORM_(LC|RAM)|TRELLIS_(COMB|FF|RAMW)|DP16KD):/ { used[$2] = sprintf("%s %s %s", $2, $3, $4) }
END {
  for (cell in used) print "           " used[cell]
  for (clock in clocks) print "           " clocks[clock]
}
