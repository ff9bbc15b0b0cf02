package forecasting

// GlobalNote says what was learnt over a sample of all series for a run, and where it is used.
type GlobalNote struct {
	Series  int     // learnt from; 0 when there was too little to learn from
	Seconds float64 // of training
	Bytes   int     // of the stored model
	Lessons []GlobalLesson
}

// GlobalLesson is what held-back weeks said of the global model in one class of demand. Errors are scaled by the naive change from
// day to day, so that series of any size count alike.
type GlobalLesson struct {
	Class Class   `json:"class"` // empty: all classes together, for those that have too few series
	Days  int     `json:"days"`  // judged
	Alone float64 `json:"alone"` // error of the models of the series alone
	With  float64 `json:"with"`  // error with the share that was chosen
	Share float64 `json:"share"` // of the global model in the forecast: 0 where it does not pay
	Bias  float64 `json:"bias"`  // factor that takes out a common bias
}

// Gain gives by how many percent the global model makes the error smaller: the value it adds.
func (l GlobalLesson) Gain() float64 {
	if l.Alone == 0 {
		return 0
	}
	return 100 * (l.Alone - l.With) / l.Alone
}
