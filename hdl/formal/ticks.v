// For proofs with several clocks (`clocks`): a clock is an input that says in which steps it ticks. Any of them may tick in a step: any order, any ratio.
module \$_DFF_P_ (input D, C, output Q);
  wire next;
  \$_MUX_ mux (.A(Q), .B(D), .S(C), .Y(next));
  \$_FF_ ff (.D(next), .Q(Q));
endmodule
