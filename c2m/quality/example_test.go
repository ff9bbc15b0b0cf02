package quality_test

import (
	"fmt"

	"milkrun/c2m/quality"
)

func ExampleDraw() {
	record := quality.Replay([]quality.Outcome{{Accepted: true}, {Accepted: false}, {Accepted: false}})
	card, why := record.Card()
	fmt.Println(record.Severity(), card, why)

	s, err := quality.Draw(1200, quality.UsualTerms(), record.Severity())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Sample(), s.Major.Accept, s.Minor.Accept)
	v, err := s.Judge(80, quality.Counts{Critical: 1})
	fmt.Println(v.Decision, v.Failed, err)
	// Output:
	// tightened red two_fails
	// 80 3 5
	// refused [critical] <nil>
}
